#ifndef SERVER_TELEMETRY_SERVICE_TOTALS_H_
#define SERVER_TELEMETRY_SERVICE_TOTALS_H_

#include <cstdint>

namespace uid2 {

// What the service has in hand at a moment, and what it has done since it began. An idle service
// has nothing in hand.
struct ServiceTotals {
  int64_t calls_in_flight = 0;
  int64_t operator_requests_in_flight = 0;
  // Operator calls that refreshes share, or could share.
  int64_t shared_refreshes = 0;
  // Calls that wait for the next attempt or for their deadline.
  int64_t timers = 0;

  // Calls that were let in, and those that were not.
  int64_t calls = 0;
  int64_t refused = 0;
  // Requests that were sent to operators, retries and libcurl's re-sends included.
  int64_t operator_requests = 0;
  int64_t retries = 0;
  // Requests that libcurl sent once more by itself, as their connection had died.
  int64_t operator_resends = 0;
  // Calls that were not sent, as their operator failed most of them.
  int64_t suspended = 0;
  // Refreshes that another one's operator call has answered as well.
  int64_t shared = 0;
};

}  // namespace uid2

#endif  // SERVER_TELEMETRY_SERVICE_TOTALS_H_
