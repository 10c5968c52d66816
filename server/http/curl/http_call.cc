// SPDX-License-Identifier: Apache-2.0

#include "server/http/curl/http_call.h"

namespace uid2 {

void HttpCall::Post(std::shared_ptr<HttpCall> call) {
  // Done first, because as soon as the loop has the call, the callback may run and the context may
  // be destroyed.
  call->on_cancel_.emplace(call->context_, [self = call.get()] {
    // Finish() waits for this callback, so the call is alive.
    self->cancel_.Post(self->shared_from_this());
  });
  Signal& start = call->start_;
  start.Post(std::move(call));
}

void HttpCall::Finish(HttpResult result) {
  on_cancel_.reset();
  HttpClient::Callback done = std::move(done_);
  // This may destroy `context_`.
  std::move(done)(std::move(result));
}

void HttpCall::Signal::Post(std::shared_ptr<HttpCall> call) {
  EventLoop& loop = call->loop_;
  call_ = std::move(call);
  if (!loop.Post(*this)) call_.reset();
}

void HttpCall::RunStart(std::shared_ptr<HttpCall> call) {
  Performer& performer = call->performer_;
  performer.Start(std::move(call));
}

// By value, as a Signal's action is called.
// NOLINTNEXTLINE(performance-unnecessary-value-param)
void HttpCall::RunCancel(std::shared_ptr<HttpCall> call) { call->performer_.Cancel(*call); }

}  // namespace uid2
