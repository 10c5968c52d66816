#include "server/http/curl/http_call.h"

namespace uid2 {

void HttpCall::Start(std::shared_ptr<HttpCall> call) {
  // First: as soon as the loop has the call, its callback may run and the context may end.
  call->on_cancel_.emplace(call->context_, [self = call.get()] {
    // Finish() waits for this, so the call is alive.
    Send(&HttpCall::cancel_, self->shared_from_this());
  });
  Send(&HttpCall::start_, std::move(call));
}

void HttpCall::Finish(absl::StatusOr<HttpReply> result) {
  on_cancel_.reset();
  HttpClient::Callback done = std::move(done_);
  // `context_` may end with this.
  std::move(done)(std::move(result));
}

void HttpCall::Send(HttpSignal HttpCall::*signal, std::shared_ptr<HttpCall> call) {
  HttpSignal& sent = (*call).*signal;
  Inbox& inbox = call->inbox_;
  sent.call = std::move(call);
  if (!inbox.Push(sent)) sent.call.reset();
}

}  // namespace uid2
