#ifndef SERVER_HTTP_CURL_HTTP_CALL_H_
#define SERVER_HTTP_CURL_HTTP_CALL_H_

#include <memory>
#include <utility>

#include "absl/status/statusor.h"
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
  // Whom it concerns; null for kStop. Set while the signal is in the inbox, so that a call whose
  // hook and poster have both gone lives until the loop has read it.
  std::shared_ptr<HttpCall> call;
};

// One Post() until its callback has run. It belongs to the loop, and to the call's cancel hook,
// which may outlive both the callback and the client: so it holds all that the hook touches.
class HttpCall {
 public:
  // `context` must live until the callback has run.
  HttpCall(HttpRequest request, CallContext& context, HttpClient::Callback done,
           std::shared_ptr<Inbox> inbox)
      : request_(std::move(request)),
        context_(context),
        done_(std::move(done)),
        inbox_(std::move(inbox)) {}

  HttpCall(const HttpCall&) = delete;
  HttpCall& operator=(const HttpCall&) = delete;

  // Hand `call` to the loop, each at most once; from any thread. Without effect where the loop
  // has ended.
  static void SendStart(std::shared_ptr<HttpCall> call);
  static void SendCancel(const std::shared_ptr<HttpCall>& call);

  // The rest is for the loop's thread only, and nothing of it may be used after Finish().

  const HttpRequest& request() const { return request_; }
  const CallContext& context() const { return context_; }

  // What is on the wire for this call; null before and afterwards.
  CurlTransfer* transfer() const { return transfer_; }
  void set_transfer(CurlTransfer* transfer) { transfer_ = transfer; }

  // Runs the callback, and lets go of the request: the hook may keep the call for long.
  void Finish(absl::StatusOr<HttpReply> result);

 private:
  static void Send(HttpSignal HttpCall::*signal, std::shared_ptr<HttpCall> call);

  HttpRequest request_;
  const CallContext& context_;
  HttpClient::Callback done_;
  const std::shared_ptr<Inbox> inbox_;
  CurlTransfer* transfer_ = nullptr;
  HttpSignal start_{HttpSignal::Kind::kStart};
  HttpSignal cancel_{HttpSignal::Kind::kCancel};
};

}  // namespace uid2

#endif  // SERVER_HTTP_CURL_HTTP_CALL_H_
