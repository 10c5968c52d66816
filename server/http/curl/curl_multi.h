// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_HTTP_CURL_CURL_MULTI_H_
#define SERVER_HTTP_CURL_CURL_MULTI_H_

#include <curl/curl.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "server/event/event_loop.h"
#include "server/http/curl/socket_watch.h"

namespace uid2 {

// Owns a libcurl multi handle. The user of this class passes events to it. Not thread-safe. All
// easy handles must be removed before it is destroyed. The destructor closes idle connections.
//
// A function that fails leaves transfers in an unknown state. Remove all of them; after that, the
// multi handle can be used again.
class CurlMulti {
 public:
  struct Finished {
    CURL* handle;
    CURLcode code;
  };

  // `sockets` and `timer` must outlive this object. `timer` is set to the time at which RunTimers()
  // must be called. `max_idle_connections` does not count connections in use. If `multiplex` is
  // true, HTTP/2 requests share connections.
  static absl::StatusOr<std::unique_ptr<CurlMulti>> New(SocketWatch& sockets,
                                                        EventLoop::Alarm& timer,
                                                        int max_idle_connections, bool multiplex);

  CurlMulti(const CurlMulti&) = delete;
  CurlMulti& operator=(const CurlMulti&) = delete;

  // The transfer begins at the next RunTimers().
  absl::Status Add(CURL* handle);

  // May be called at any time. Aborts a transfer in progress and closes its connection.
  absl::Status Remove(CURL* handle);

  // `events` are those that the event loop reports for `fd`.
  absl::Status OnSocket(int fd, uint32_t events);

  absl::Status RunTimers() { return Act(CURL_SOCKET_TIMEOUT, 0); }

  // Returns each transfer that has ended, once. The transfer must still be removed.
  absl::optional<Finished> NextFinished();

 private:
  struct Cleanup {
    void operator()(CURLM* multi) const { (void)curl_multi_cleanup(multi); }
  };

  CurlMulti(SocketWatch& sockets, EventLoop::Alarm& timer, int max_idle_connections)
      : sockets_(sockets), timer_(timer), max_idle_connections_(max_idle_connections) {}

  absl::Status Init(bool multiplex);
  absl::Status Act(int fd, int events);
  absl::Status BoundConnections(int running);
  void RunUnwatched();

  static int OnWatch(CURL* handle, curl_socket_t fd, int what, void* self, void* socket);
  static int OnTimer(CURLM* multi, long timeout_ms, void* self);  // NOLINT(runtime/int)

  SocketWatch& sockets_;
  EventLoop::Alarm& timer_;
  const int max_idle_connections_;
  std::unique_ptr<CURLM, Cleanup> multi_;
  int running_ = 0;
  // During an action: handles whose last change was to stop using a socket. Otherwise empty.
  std::vector<CURL*> unwatched_;
};

}  // namespace uid2

#endif  // SERVER_HTTP_CURL_CURL_MULTI_H_
