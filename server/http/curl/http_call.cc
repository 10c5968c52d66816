#include "server/http/curl/http_call.h"

namespace uid2 {

void HttpCall::SendStart(std::shared_ptr<HttpCall> call) {
  Send(&HttpCall::start_, std::move(call));
}

void HttpCall::SendCancel(const std::shared_ptr<HttpCall>& call) { Send(&HttpCall::cancel_, call); }

void HttpCall::Finish(absl::StatusOr<HttpReply> result) {
  HttpClient::Callback done = std::move(done_);
  request_ = HttpRequest();
  // `context_` may end with this.
  std::move(done)(std::move(result));
}

void HttpCall::Send(HttpSignal HttpCall::*signal, std::shared_ptr<HttpCall> call) {
  // Kept apart from the call, which the loop may let go of as soon as it has the signal.
  const std::shared_ptr<Inbox> inbox = call->inbox_;
  HttpSignal& sent = (*call).*signal;
  sent.call = std::move(call);
  if (!inbox->Push(sent)) sent.call.reset();
}

}  // namespace uid2
