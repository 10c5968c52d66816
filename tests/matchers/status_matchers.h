// SPDX-License-Identifier: Apache-2.0

#ifndef TESTS_MATCHERS_STATUS_MATCHERS_H_
#define TESTS_MATCHERS_STATUS_MATCHERS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/status/reason.h"

// Matchers for absl::Status and absl::StatusOr, which the packaged Abseil lacks. As in newer
// Abseil, there is no "not OK" matcher: a test names the code that it expects.
namespace uid2::testing {

inline const absl::Status& StatusOf(const absl::Status& status) { return status; }

template <typename T>
const absl::Status& StatusOf(const absl::StatusOr<T>& result) {
  return result.status();
}

MATCHER(IsOk, "is OK") {
  *result_listener << "whose status is " << StatusOf(arg).ToString();
  return StatusOf(arg).ok();
}

MATCHER_P(StatusIs, code, "has status code " + absl::StatusCodeToString(code)) {
  *result_listener << "whose status is " << StatusOf(arg).ToString();
  return StatusOf(arg).code() == code;
}

MATCHER_P2(StatusIs, code, message, "has status code " + absl::StatusCodeToString(code)) {
  *result_listener << "whose status is " << StatusOf(arg).ToString();
  return StatusOf(arg).code() == code &&
         ::testing::ExplainMatchResult(message, std::string(StatusOf(arg).message()),
                                       result_listener);
}

// Matches an error that MakeError created for `reason`, with the corresponding code.
MATCHER_P(HasReason, reason, "has reason " + identity::v1::ErrorReason_Name(reason)) {
  const Reason actual = ReasonOf(StatusOf(arg));
  *result_listener << "whose status is " << StatusOf(arg).ToString() << " with reason "
                   << identity::v1::ErrorReason_Name(actual);
  return actual == reason && StatusOf(arg).code() == CodeOf(reason);
}

}  // namespace uid2::testing

#endif  // TESTS_MATCHERS_STATUS_MATCHERS_H_
