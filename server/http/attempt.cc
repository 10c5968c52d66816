// SPDX-License-Identifier: Apache-2.0

#include "server/http/attempt.h"

#include <algorithm>
#include <chrono>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "server/http/connection_failure.h"

namespace uid2 {
namespace {

// libcurl stores milliseconds in 31 bits; anything longer is practically unlimited.
constexpr absl::Duration kLongestTimeout = absl::Hours(24 * 24);

// An attempt that may take less time is not worth making.
constexpr std::chrono::milliseconds kShortestAttempt(150);

Attempt::TimePoint After(absl::Duration timeout, Attempt::TimePoint now) {
  return now + absl::ToChronoNanoseconds(std::min(timeout, kLongestTimeout));
}

std::string Within(absl::Duration timeout, absl::string_view missing) {
  return absl::StrCat(missing, " within ", absl::FormatDuration(timeout));
}

// Replies of a balancer, or of a server that wants no requests. Not 500, which a request can
// provoke.
bool IsGatewayError(int status) { return status >= 502 && status <= 504; }

}  // namespace

void Attempt::Clear() {
  launched_ = TimePoint::max();
  has_alternative_ = false;
  tried_.clear();
  sent_ = false;
}

absl::Status Attempt::Begin(const CallContext& context, TimePoint now) {
  Clear();
  begun_ = now;
  connecting_since_ = now;
  time_limit_ = std::min(context.step_limit(), After(options_->request_timeout, now));
  connect_limit_ = std::min(time_limit_, After(options_->connect_timeout, now));
  return context.deadline() <= now ? absl::DeadlineExceededError("the call's deadline has passed")
                                   : absl::OkStatus();
}

void Attempt::Launch(TimePoint now, bool has_alternative, ReplyTimeout::Duration usual) {
  launched_ = now;
  has_alternative_ = has_alternative;
  usual_ = usual;
}

Attempt::TimePoint Attempt::patience_limit(const CallContext& context) const {
  if (launched_ == TimePoint::max() || !options_->retried) return TimePoint::max();
  const auto left = context.deadline() - launched_;
  const auto patience = std::max<TimePoint::duration>(left / 2, usual_);
  // Without time for another attempt, the end of this one would gain nothing.
  return left - patience < kShortestAttempt ? TimePoint::max() : launched_ + patience;
}

void Attempt::OnReconnect(TimePoint now) {
  connecting_since_ = now;
  sent_ = false;
  connect_limit_ = std::min(time_limit_, After(options_->connect_timeout, now));
}

void Attempt::OnSend(TimePoint now, TargetTimeouts& timeouts) {
  // If it was sent before, nobody has said since when there was no connection.
  if (!sent_ && !tried_.empty()) timeouts.connect_timeout.OnReply(now - connecting_since_);
  sent_ = true;
  sent_at_ = now;
}

HttpFailure Attempt::NotAddressed() const {
  if (connect_limit_ == time_limit_) return TimedOut();
  return {.status = absl::UnavailableError(Within(options_->connect_timeout, "no connection") +
                                           ": the host's name is still being looked up")};
}

HttpFailure Attempt::NotConnected(bool tcp) const {
  if (connect_limit_ == time_limit_) return TimedOut();
  return {.status = absl::UnavailableError(
              Within(options_->connect_timeout, tcp ? "no TLS handshake" : "no connection"))};
}

HttpFailure Attempt::TimedOut() {
  return {.status = absl::DeadlineExceededError(kNoCompleteReplyInTime)};
}

void Attempt::Replied(const HttpReply& reply, TimePoint now, CallContext& context, TargetHost& host,
                      TargetTimeouts& timeouts) {
  timeouts.reply_timeout.OnReply(now - sent_at_);
  ReportUnreached(reply.peer, now, host);
  if (IsGatewayError(reply.status)) {
    host.OnFailure(reply.peer, 1, now);
    context.set_failed_peer(TargetHost::IdOf(reply.peer));
  } else {
    host.OnSuccess(reply.peer, now);
  }
}

HttpFailure Attempt::Failed(HttpFailure failure, TimePoint now, CallContext& context,
                            TargetHost& host, TargetTimeouts& timeouts) {
  if (failure.peer.empty()) return failure;
  const absl::StatusCode code = failure.status.code();
  const bool silent =
      code == absl::StatusCode::kDeadlineExceeded || code == absl::StatusCode::kCancelled;
  const double weight = silent ? WeightOfSilence(now, timeouts) : 1;
  if (code == absl::StatusCode::kDeadlineExceeded) {
    ReplyTimeout& estimate = sent_ ? timeouts.reply_timeout : timeouts.connect_timeout;
    estimate.OnTimeout(now - (sent_ ? sent_at_ : connecting_since_));
  }
  ReportUnreached(failure.peer, now, host);
  // Other failures are not the peer's.
  if (silent || code == absl::StatusCode::kUnavailable) {
    host.OnFailure(failure.peer, weight, now);
    context.set_failed_peer(TargetHost::IdOf(failure.peer));
  }
  // A retry goes to another address, whose certificate may be accepted.
  if (host.HasAlternative(now, failure.peer)) failure.certificate_fault = false;
  return failure;
}

double Attempt::WeightOfSilence(TimePoint now, const TargetTimeouts& timeouts) const {
  const auto silence = now - (sent_ ? sent_at_ : connecting_since_);
  const auto usual = (sent_ ? timeouts.reply_timeout : timeouts.connect_timeout).value();
  if (usual > ReplyTimeout::Duration::zero() && silence >= usual) return 1;
  const absl::Duration limit = sent_ ? options_->request_timeout : options_->connect_timeout;
  return std::min(1.0, absl::FDivDuration(absl::FromChrono(silence), limit));
}

void Attempt::ReportUnreached(absl::string_view peer, TimePoint now, TargetHost& host) const {
  for (const std::string& tried : tried_) {
    if (tried != peer) host.OnFailure(tried, 1, now);
  }
}

}  // namespace uid2
