// SPDX-License-Identifier: Apache-2.0

#include "server/operator/resilience/attempt_labels.h"

#include <chrono>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/operator/resilience/retry_policy.h"

namespace uid2 {
namespace {

using ::testing::Eq;

constexpr CallContext::TimePoint kDeadline{std::chrono::seconds(100)};
constexpr CallContext::TimePoint kBefore = kDeadline - std::chrono::seconds(1);

CodeClass ClassOf(int status, const AttemptFailure* failure = nullptr,
                  CallContext::TimePoint ended = kBefore) {
  CallContext context(kDeadline);
  context.trace().http_status = status;
  return CodeClassOf(failure, context, ended);
}

struct StatusCase {
  int status;
  CodeClass expected;
};

TEST(AttemptLabelsTest, AReplyIsCountedByItsStatusWhateverItMeans) {
  const AttemptFailure rejected = {.kind = FailureKind::kRejected};
  for (const StatusCase& reply : {
           StatusCase{200, CodeClass::k2xx},
           StatusCase{204, CodeClass::k2xx},
           StatusCase{302, CodeClass::k3xx},
           StatusCase{400, CodeClass::k4xx},
           StatusCase{401, CodeClass::k4xx},
           StatusCase{428, CodeClass::k4xx},
           StatusCase{429, CodeClass::k429},
           StatusCase{430, CodeClass::k4xx},
           StatusCase{499, CodeClass::k4xx},
           StatusCase{500, CodeClass::k5xx},
           StatusCase{503, CodeClass::k5xx},
           StatusCase{999, CodeClass::k5xx},
       }) {
    EXPECT_THAT(ClassOf(reply.status), Eq(reply.expected)) << reply.status;
    EXPECT_THAT(ClassOf(reply.status, &rejected), Eq(reply.expected)) << reply.status;
  }
}

TEST(AttemptLabelsTest, WithoutAReplyItMattersWhoEndedTheAttempt) {
  const AttemptFailure timeout = {.kind = FailureKind::kTimeout};
  const AttemptFailure unreachable = {.kind = FailureKind::kUnreachable};
  const AttemptFailure cancelled = {.kind = FailureKind::kCancelled};
  EXPECT_THAT(ClassOf(0, &timeout), Eq(CodeClass::kNone));
  EXPECT_THAT(ClassOf(0, &unreachable), Eq(CodeClass::kNone));
  EXPECT_THAT(ClassOf(0, &cancelled), Eq(CodeClass::kCancelled));
  // The deadline of the last caller of a shared call has passed: the operator was too slow.
  EXPECT_THAT(ClassOf(0, &cancelled, kDeadline), Eq(CodeClass::kNone));
}

TEST(AttemptLabelsTest, ARequestThatCouldNotBeMadeDoesNotSpeakAgainstTheOperator) {
  const AttemptFailure not_sent = {.kind = FailureKind::kNotSent};
  EXPECT_THAT(ClassOf(0, &not_sent), Eq(CodeClass::kNotSent));
  // The status of the call's earlier attempt.
  EXPECT_THAT(ClassOf(503, &not_sent), Eq(CodeClass::kNotSent));
}

struct KindCase {
  FailureKind kind;
  RetryReason expected;
};

TEST(AttemptLabelsTest, EachKindOfFailureThatIsRetriedHasItsReason) {
  for (const KindCase& retried : {
           KindCase{FailureKind::kUnreachable, RetryReason::kUnreachable},
           KindCase{FailureKind::kCertificate, RetryReason::kCertificate},
           KindCase{FailureKind::kTimeout, RetryReason::kTimeout},
           KindCase{FailureKind::kTooManyRequests, RetryReason::kTooManyRequests},
           KindCase{FailureKind::kUnavailable, RetryReason::kUnavailable},
           KindCase{FailureKind::kGateway, RetryReason::kGateway},
           KindCase{FailureKind::kServerError, RetryReason::kServerError},
           KindCase{FailureKind::kPossiblyProvokedError, RetryReason::kServerError},
           KindCase{FailureKind::kTimestampRejected, RetryReason::kTimestamp},
           KindCase{FailureKind::kCredentialsRejected, RetryReason::kCredentials},
       }) {
    EXPECT_THAT(RetryReasonOf(retried.kind), Eq(retried.expected));
    FailedAttempts failed;
    failed.count = 1;
    failed.last = retried.kind;
    failed.has_newer_credentials = true;
    EXPECT_TRUE(DecideRetry(RetryOptions(), failed, absl::Seconds(5), true, 0).retry);
  }
}

}  // namespace
}  // namespace uid2
