#ifndef SERVER_HTTP_CURL_HTTP_CALL_H_
#define SERVER_HTTP_CURL_HTTP_CALL_H_

#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "server/call/call_context.h"
#include "server/event/inbox.h"
#include "server/http/http_client.h"

namespace uid2 {

class CurlTransfer;
class HttpCall;

// What a loop is told through its inbox.
struct HttpSignal : Inbox::Item {
  enum class Kind { kStart, kCancel, kStop };

  explicit HttpSignal(Kind kind_in) : kind(kind_in) {}

  const Kind kind;
  // The call to start or cancel; null for kStop. Set while the signal is in the inbox, so that the
  // call lives until the loop has read it.
  std::shared_ptr<HttpCall> call;
};

// One Post() until its callback has run.
class HttpCall : public std::enable_shared_from_this<HttpCall> {
 public:
  // `context` must live until the callback has run. `inbox` is the loop's, which outlives the call.
  HttpCall(HttpRequest request, CallContext& context, HttpClient::Callback done, Inbox& inbox)
      : request_(std::move(request)), context_(context), done_(std::move(done)), inbox_(inbox) {}

  HttpCall(const HttpCall&) = delete;
  HttpCall& operator=(const HttpCall&) = delete;

  // Hands `call` to the loop, which is told as well when the call's context is cancelled.
  static void Start(std::shared_ptr<HttpCall> call);

  // The rest is for the loop's thread only, and must not be used after Finish().

  const HttpRequest& request() const { return request_; }
  const CallContext& context() const { return context_; }

  // What is on the wire for this call; null before and afterwards.
  CurlTransfer* transfer() const { return transfer_; }
  void set_transfer(CurlTransfer* transfer) { transfer_ = transfer; }

  // Runs the callback.
  void Finish(absl::StatusOr<HttpReply> result);

 private:
  // From any thread.
  static void Send(HttpSignal HttpCall::*signal, std::shared_ptr<HttpCall> call);

  HttpRequest request_;
  const CallContext& context_;
  HttpClient::Callback done_;
  Inbox& inbox_;
  CurlTransfer* transfer_ = nullptr;
  HttpSignal start_{HttpSignal::Kind::kStart};
  HttpSignal cancel_{HttpSignal::Kind::kCancel};
  // From Start() until Finish(). Uses all of the above.
  absl::optional<CancelCallback> on_cancel_;
};

}  // namespace uid2

#endif  // SERVER_HTTP_CURL_HTTP_CALL_H_
