// SPDX-License-Identifier: Apache-2.0

#ifndef TESTS_FAKES_FAKE_HTTP_CLIENT_H_
#define TESTS_FAKES_FAKE_HTTP_CLIENT_H_

#include <deque>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "server/http/http_client.h"

namespace uid2::testing {

// Keeps every request until the test answers it.
class FakeHttpClient : public HttpClient {
 public:
  struct Pending {
    HttpRequest request;
    Callback done;
  };

  void Post(HttpRequest request, CallContext& /*context*/, Callback done) override {
    pending_.push_back({std::move(request), std::move(done)});
  }

  // The oldest unanswered request, if any.
  bool idle() const { return pending_.empty(); }
  const HttpRequest& request() const { return pending_.front().request; }

  void Answer(HttpResult result) {
    Pending pending = std::move(pending_.front());
    pending_.pop_front();
    std::move(pending.done)(std::move(result));
  }

  void Answer(const absl::Status& failure) { Answer(HttpFailure{failure}); }

  void Answer(int status, std::string body) {
    HttpReply reply;
    reply.status = status;
    reply.body = std::move(body);
    Answer(std::move(reply));
  }

 private:
  std::deque<Pending> pending_;
};

}  // namespace uid2::testing

#endif  // TESTS_FAKES_FAKE_HTTP_CLIENT_H_
