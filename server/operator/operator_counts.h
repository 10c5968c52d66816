#ifndef SERVER_OPERATOR_OPERATOR_COUNTS_H_
#define SERVER_OPERATOR_OPERATOR_COUNTS_H_

#include <atomic>
#include <cstdint>

namespace uid2 {

// What has happened between this process and its operators since it began. Thread-safe; the numbers
// are not from one instant.
struct OperatorCounts {
  // Attempts after the first.
  std::atomic<int64_t> retries = 0;
  // Calls that were not sent, as their operator failed most of them.
  std::atomic<int64_t> suspended = 0;
  // Refreshes that another one's operator call has answered as well.
  std::atomic<int64_t> shared = 0;
  // Operator calls that refreshes share, or could share, at this moment.
  std::atomic<int64_t> refreshes_in_flight = 0;
};

}  // namespace uid2

#endif  // SERVER_OPERATOR_OPERATOR_COUNTS_H_
