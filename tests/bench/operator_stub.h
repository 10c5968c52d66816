// SPDX-License-Identifier: Apache-2.0

#ifndef TESTS_BENCH_OPERATOR_STUB_H_
#define TESTS_BENCH_OPERATOR_STUB_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "tests/bench/credentials.h"
#include "tests/bench/operator_envelope.h"

namespace uid2::bench {

// A complete HTTP request. The views point into the caller's memory.
struct OperatorRequest {
  absl::string_view path;
  absl::string_view authorization;
  absl::string_view body;
};

// An operator for load tests, with a single client, that issues an identity for every request. It
// opens every envelope and seals every reply, so that its clients do their full work, and does
// nothing else. It checks neither the payload nor the request's time (post_loop sends the same
// envelope repeatedly), and does not implement opt-outs or consent. Not thread-safe.
class OperatorStub {
 public:
  explicit OperatorStub(const Credentials& credentials);

  // Returns the HTTP reply, including the status line and headers.
  std::string Answer(const OperatorRequest& request);

 private:
  std::string Generate(const OperatorRequest& request);
  std::string Refresh(const OperatorRequest& request);
  // The plaintext body of a success. Rebuilt once per second.
  absl::string_view SuccessJson(int64_t now_ms);

  const std::string authorization_;
  OperatorEnvelope envelope_;
  OperatorEnvelope refresh_envelope_;
  int64_t success_second_ = 0;
  std::string success_;
};

}  // namespace uid2::bench

#endif  // TESTS_BENCH_OPERATOR_STUB_H_
