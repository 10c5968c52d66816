// SPDX-License-Identifier: Apache-2.0

#include "server/http/curl/curl_multi.h"

#include <sys/epoll.h>

#include <chrono>
#include <cstddef>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"

namespace uid2 {
namespace {

absl::Status Checked(CURLMcode code) {
  if (code == CURLM_OK) return absl::OkStatus();
  return absl::InternalError(absl::StrCat("libcurl: ", curl_multi_strerror(code)));
}

}  // namespace

absl::StatusOr<std::unique_ptr<CurlMulti>> CurlMulti::New(SocketWatch& sockets,
                                                          EventLoop::Alarm& timer,
                                                          int max_idle_connections,
                                                          bool multiplex) {
  auto multi = absl::WrapUnique(new CurlMulti(sockets, timer, max_idle_connections));
  const absl::Status status = multi->Init(multiplex);
  if (!status.ok()) return status;
  return multi;
}

absl::Status CurlMulti::Init(bool multiplex) {
  multi_.reset(curl_multi_init());
  if (multi_ == nullptr) return absl::InternalError("libcurl makes no multi handle");
  CURLM* const multi = multi_.get();
  void* const self = this;
  const CURLMcode results[] = {
      curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, &CurlMulti::OnWatch),
      curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, self),
      curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, &CurlMulti::OnTimer),
      curl_multi_setopt(multi, CURLMOPT_TIMERDATA, self),
      curl_multi_setopt(multi, CURLMOPT_PIPELINING,
                        static_cast<long>(multiplex ? CURLPIPE_MULTIPLEX : CURLPIPE_NOTHING)),
      // No connection limit for a host or in total: we could not see that a transfer is waiting for
      // a connection inside libcurl, and a server that does not speak HTTP/2 would get few
      // requests.
      curl_multi_setopt(multi, CURLMOPT_MAX_HOST_CONNECTIONS, 0L),
      curl_multi_setopt(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, 0L),
  };
  for (const CURLMcode result : results) {
    if (result != CURLM_OK) return Checked(result);
  }
  return BoundConnections(0);
}

absl::Status CurlMulti::Add(CURL* handle) {
  const absl::Status status = BoundConnections(running_ + 1);
  return status.ok() ? Checked(curl_multi_add_handle(multi_.get(), handle)) : status;
}

absl::Status CurlMulti::Remove(CURL* handle) {
  absl::Status status = Checked(curl_multi_remove_handle(multi_.get(), handle));
  // The list may contain this handle, which needs no further action.
  unwatched_.clear();
  return status;
}

absl::Status CurlMulti::OnSocket(int fd, uint32_t events) {
  int bits = 0;
  if ((events & EPOLLIN) != 0) bits |= CURL_CSELECT_IN;
  if ((events & EPOLLOUT) != 0) bits |= CURL_CSELECT_OUT;
  // Not CURL_CSELECT_ERR: libcurl would fail the transfer without checking the socket. Reading or
  // writing shows what has happened, and libcurl can still replace a connection that was reset.
  if ((events & (EPOLLERR | EPOLLHUP)) != 0) {
    const uint32_t wanted = sockets_.Wanted(fd);
    if ((wanted & EPOLLIN) != 0) bits |= CURL_CSELECT_IN;
    if ((wanted & EPOLLOUT) != 0) bits |= CURL_CSELECT_OUT;
  }
  return Act(fd, bits);
}

absl::optional<CurlMulti::Finished> CurlMulti::NextFinished() {
  int left;
  while (const CURLMsg* const message = curl_multi_info_read(multi_.get(), &left)) {
    if (message->msg == CURLMSG_DONE) return Finished{message->easy_handle, message->data.result};
  }
  return absl::nullopt;
}

absl::Status CurlMulti::Act(int fd, int events) {
  int running = running_;
  absl::Status status = Checked(curl_multi_socket_action(multi_.get(), fd, events, &running));
  RunUnwatched();
  if (!status.ok() || running == running_) return status;
  return BoundConnections(running);
}

// When one of a host's addresses fails, libcurl 7.88.1 prepares the next one and tries it when the
// transfer runs again. But it neither watches a socket nor sets a timer, so the transfer would not
// run before a time limit (https://github.com/curl/curl/issues/11920). Pausing and resuming the
// transfer makes it run.
void CurlMulti::RunUnwatched() {
  // Excludes handles that are added in this loop.
  const size_t count = unwatched_.size();
  for (size_t i = 0; i < count; ++i) {
    CURL* const handle = unwatched_[i];
    // Fails if the transfer has ended, as nearly all of these have, because it has no connection.
    if (curl_easy_pause(handle, CURLPAUSE_ALL) == CURLE_OK) {
      (void)curl_easy_pause(handle, CURLPAUSE_CONT);
    }
  }
  unwatched_.clear();
}

// libcurl's limit counts all connections, not only idle ones. If it were constant and there were
// more transfers than it allows, each transfer that ends would close a connection that the next one
// needs.
absl::Status CurlMulti::BoundConnections(int running) {
  running_ = running;
  return Checked(curl_multi_setopt(multi_.get(), CURLMOPT_MAXCONNECTS,
                                   static_cast<long>(running) + max_idle_connections_));
}

int CurlMulti::OnWatch(CURL* handle, curl_socket_t fd, int what, void* self, void* /*socket*/) {
  SocketWatch& sockets = static_cast<CurlMulti*>(self)->sockets_;
  std::vector<CURL*>& unwatched = static_cast<CurlMulti*>(self)->unwatched_;
  if (what == CURL_POLL_REMOVE) {
    sockets.WantNothing(fd);
    unwatched.push_back(handle);
    return 0;
  }
  std::erase(unwatched, handle);
  uint32_t events = 0;
  if ((what & CURL_POLL_IN) != 0) events |= EPOLLIN;
  if ((what & CURL_POLL_OUT) != 0) events |= EPOLLOUT;
  return sockets.Want(fd, events).ok() ? 0 : -1;
}

int CurlMulti::OnTimer(CURLM* /*multi*/, long timeout_ms, void* self) {  // NOLINT(runtime/int)
  EventLoop::Alarm& timer = static_cast<CurlMulti*>(self)->timer_;
  if (timeout_ms < 0) {
    timer.Set(EventLoop::Alarm::kNever);
  } else if (timeout_ms == 0) {
    timer.Set(EventLoop::Alarm::kAtOnce);
  } else {
    timer.Set(std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout_ms));
  }
  return 0;
}

}  // namespace uid2
