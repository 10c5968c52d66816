#ifndef SERVER_HTTP_CURL_CURL_MULTI_H_
#define SERVER_HTTP_CURL_CURL_MULTI_H_

#include <curl/curl.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "server/http/curl/socket_watch.h"

namespace uid2 {

// Owns a libcurl multi handle that is driven by its user's events. For one thread. All handles
// must have been removed before it is destroyed; idle connections are closed then.
//
// A function that fails leaves transfers in an unknown state: all must be removed, after which
// the multi handle can be used again.
class CurlMulti {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  struct Finished {
    CURL* handle;
    CURLcode code;
  };

  // `sockets` must outlive it. `max_idle_connections`: kept for reuse beside those in use.
  static absl::StatusOr<std::unique_ptr<CurlMulti>> New(SocketWatch& sockets,
                                                        int max_idle_connections);

  CurlMulti(const CurlMulti&) = delete;
  CurlMulti& operator=(const CurlMulti&) = delete;

  // The transfer begins at the next RunTimers().
  absl::Status Add(CURL* handle);

  // At any time. A transfer that is under way is given up, and its connection closed.
  absl::Status Remove(CURL* handle);

  // `events` as epoll reported them for `fd`.
  absl::Status OnSocket(int fd, uint32_t events);

  // When RunTimers() has something to do; TimePoint::min(): at once.
  absl::optional<TimePoint> next_timer() const { return next_timer_; }
  absl::Status RunTimers();

  // A transfer that is over, each once; it still has to be removed.
  absl::optional<Finished> NextFinished();

 private:
  struct Cleanup {
    void operator()(CURLM* multi) const { (void)curl_multi_cleanup(multi); }
  };

  CurlMulti(SocketWatch& sockets, int max_idle_connections)
      : sockets_(sockets), max_idle_connections_(max_idle_connections) {}

  absl::Status Init();
  absl::Status Act(int fd, int events);
  absl::Status BoundConnections(int running);
  void RunUnwatched();

  static int OnWatch(CURL* handle, curl_socket_t fd, int what, void* self, void*);
  static int OnTimer(CURLM* multi, long timeout_ms, void* self);  // NOLINT(runtime/int)

  SocketWatch& sockets_;
  const int max_idle_connections_;
  std::unique_ptr<CURLM, Cleanup> multi_;
  absl::optional<TimePoint> next_timer_;
  int running_ = 0;
  // Handles that lost a socket last and got none, in the action that is under way; empty otherwise.
  std::vector<CURL*> unwatched_;
};

}  // namespace uid2

#endif  // SERVER_HTTP_CURL_CURL_MULTI_H_
