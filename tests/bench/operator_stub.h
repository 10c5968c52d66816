#ifndef TESTS_BENCH_OPERATOR_STUB_H_
#define TESTS_BENCH_OPERATOR_STUB_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "tests/bench/credentials.h"
#include "tests/bench/operator_envelope.h"

namespace uid2::bench {

// One HTTP request, whole. The views are the caller's.
struct OperatorRequest {
  absl::string_view path;
  absl::string_view authorization;
  absl::string_view body;
};

// An operator with one client that issues to everyone, for load: it opens every envelope and
// seals every reply, so that its clients do all their work, and does nothing else. It does not
// look at the payload, nor at the request's time (a bare client sends one envelope over and
// over), and knows neither opt-outs nor consent. Not thread-safe.
class OperatorStub {
 public:
  explicit OperatorStub(const Credentials& credentials);

  // The HTTP reply, status line and headers included.
  std::string Answer(const OperatorRequest& request);

 private:
  std::string Generate(const OperatorRequest& request);
  std::string Refresh(const OperatorRequest& request);
  // The opened body of a success; made anew when the second changes.
  absl::string_view SuccessJson(int64_t now_ms);

  const std::string authorization_;
  OperatorEnvelope envelope_;
  OperatorEnvelope refresh_envelope_;
  int64_t success_second_ = 0;
  std::string success_;
};

}  // namespace uid2::bench

#endif  // TESTS_BENCH_OPERATOR_STUB_H_
