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

// Owns a libcurl multi handle, which its user tells of events. For one thread. All easy handles
// must have been removed before it is destroyed, which closes idle connections.
//
// A function that fails leaves transfers in an unknown state: remove all of them, after which the
// multi handle can be used again.
class CurlMulti {
 public:
  struct Finished {
    CURL* handle;
    CURLcode code;
  };

  // `sockets` and `timer` must outlive it; `timer` is set to when RunTimers() has something to do.
  // `max_idle_connections`: kept for reuse in addition to those in use.
  static absl::StatusOr<std::unique_ptr<CurlMulti>> New(SocketWatch& sockets,
                                                        EventLoop::Alarm& timer,
                                                        int max_idle_connections);

  CurlMulti(const CurlMulti&) = delete;
  CurlMulti& operator=(const CurlMulti&) = delete;

  // The transfer begins at the next RunTimers().
  absl::Status Add(CURL* handle);

  // At any time. Abandons a transfer in progress, and closes its connection.
  absl::Status Remove(CURL* handle);

  // `events` as the loop reports them for `fd`.
  absl::Status OnSocket(int fd, uint32_t events);

  absl::Status RunTimers() { return Act(CURL_SOCKET_TIMEOUT, 0); }

  // A transfer that has ended, each once; it still has to be removed.
  absl::optional<Finished> NextFinished();

 private:
  struct Cleanup {
    void operator()(CURLM* multi) const { (void)curl_multi_cleanup(multi); }
  };

  CurlMulti(SocketWatch& sockets, EventLoop::Alarm& timer, int max_idle_connections)
      : sockets_(sockets), timer_(timer), max_idle_connections_(max_idle_connections) {}

  absl::Status Init();
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
  // During an action: handles whose last change was to lose a socket. Empty otherwise.
  std::vector<CURL*> unwatched_;
};

}  // namespace uid2

#endif  // SERVER_HTTP_CURL_CURL_MULTI_H_
