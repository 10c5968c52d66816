// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_HTTP_CURL_HTTP_CALL_H_
#define SERVER_HTTP_CURL_HTTP_CALL_H_

#include <memory>
#include <utility>

#include "absl/types/optional.h"
#include "server/call/call_context.h"
#include "server/event/event_loop.h"
#include "server/http/http_client.h"

namespace uid2 {

class CurlTransfer;

// One call of HttpClient::Post(), until its callback has run.
class HttpCall : public std::enable_shared_from_this<HttpCall> {
 public:
  // Performs calls on a loop's thread.
  class Performer {
   public:
    virtual void Start(std::shared_ptr<HttpCall> call) = 0;
    // May be called at any time, even before Start() or after the call has ended.
    virtual void Cancel(HttpCall& call) = 0;

   protected:
    ~Performer() = default;
  };

  // `context` must live until the callback has run. `performer` runs on `loop`; both must outlive
  // the call.
  HttpCall(HttpRequest request, CallContext& context, HttpClient::Callback done, EventLoop& loop,
           Performer& performer)
      : request_(std::move(request)),
        context_(context),
        done_(std::move(done)),
        loop_(loop),
        performer_(performer) {}

  HttpCall(const HttpCall&) = delete;
  HttpCall& operator=(const HttpCall&) = delete;

  // Makes the performer start `call`, and cancel it if its context is cancelled. Thread-safe.
  static void Post(std::shared_ptr<HttpCall> call);

  // The functions below must be called on the loop's thread, and not after Finish().

  const HttpRequest& request() const { return request_; }
  CallContext& context() const { return context_; }

  // The transfer that carries this call; null before and afterwards.
  CurlTransfer* transfer() const { return transfer_; }
  void set_transfer(CurlTransfer* transfer) { transfer_ = transfer; }

  // Runs the callback.
  void Finish(HttpResult result);

 private:
  // Keeps the call alive while it is posted.
  class Signal : public EventLoop::Task {
   public:
    explicit Signal(void (*action)(std::shared_ptr<HttpCall>)) : action_(action) {}

    void Post(std::shared_ptr<HttpCall> call);
    // May destroy this signal, together with its call.
    void Run() override { action_(std::move(call_)); }

   private:
    void (*const action_)(std::shared_ptr<HttpCall>);
    std::shared_ptr<HttpCall> call_;
  };

  static void RunStart(std::shared_ptr<HttpCall> call);
  static void RunCancel(std::shared_ptr<HttpCall> call);

  HttpRequest request_;
  CallContext& context_;
  HttpClient::Callback done_;
  EventLoop& loop_;
  Performer& performer_;
  CurlTransfer* transfer_ = nullptr;
  Signal start_{&HttpCall::RunStart};
  Signal cancel_{&HttpCall::RunCancel};
  // Set from Post() until Finish(). Uses cancel_.
  absl::optional<CancelCallback> on_cancel_;
};

}  // namespace uid2

#endif  // SERVER_HTTP_CURL_HTTP_CALL_H_
