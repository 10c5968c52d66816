#ifndef SERVER_HTTP_CURL_CURL_COUNTERS_H_
#define SERVER_HTTP_CURL_CURL_COUNTERS_H_

#include <atomic>
#include <cstdint>

namespace uid2 {

// A number that the loop's thread changes and any thread reads: so it costs what a plain one does.
class CurlCounter {
 public:
  void Increment() { value_.store(value() + 1, std::memory_order_relaxed); }
  void Decrement() { value_.store(value() - 1, std::memory_order_relaxed); }

  int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<int64_t> value_{0};
};

// What http_client_stats.h tells of a loop.
struct CurlCounters {
  CurlCounter requests_sent;
  CurlCounter requests_resent;
  CurlCounter connections_opened;
  CurlCounter trust_store_reloads;
  CurlCounter trust_store_reload_failures;
  CurlCounter look_ups;
  CurlCounter look_up_failures;
  CurlCounter requests_in_flight;
  CurlCounter requests_without_address;
};

}  // namespace uid2

#endif  // SERVER_HTTP_CURL_CURL_COUNTERS_H_
