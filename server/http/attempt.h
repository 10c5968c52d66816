// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_HTTP_ATTEMPT_H_
#define SERVER_HTTP_ATTEMPT_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "server/call/call_context.h"
#include "server/http/http_client.h"
#include "server/http/http_client_options.h"
#include "server/http/reply_timeout.h"
#include "server/http/target_host.h"
#include "server/http/target_timeouts.h"

namespace uid2 {

// One HttpClient::Post(): its time limits, and what its outcome says about the host's addresses and
// the target's usual times. Can be used again. Not thread-safe.
class Attempt {
 public:
  using TimePoint = CallContext::TimePoint;

  // `options` must outlive the attempt.
  explicit Attempt(const HttpClientOptions& options) : options_(&options) {}

  // Forgets which peers were tried, and whether the request was sent.
  void Clear();

  // Clears the attempt, and starts its time limits at `now`. Fails with kDeadlineExceeded if the
  // call's deadline has passed.
  absl::Status Begin(const CallContext& context, TimePoint now);

  // The functions below are valid after Begin().

  TimePoint begun() const { return begun_; }

  // When the attempt has to end.
  TimePoint time_limit() const { return time_limit_; }

  // How long it may wait for an address or a connection: until time_limit() or the end of the
  // connect timeout, whichever is earlier.
  TimePoint connect_limit() const { return connect_limit_; }

  // The address is known. `usual` is how long the request usually takes at most, and
  // `has_alternative` is whether the host has another address that is not failing.
  void Launch(TimePoint now, bool has_alternative, ReplyTimeout::Duration usual);

  // When the attempt has to end while it is in_doubt(), so that the call has time for another
  // attempt. May be after time_limit(). Later if the deadline of `context` is extended.
  TimePoint patience_limit(const CallContext& context) const;

  // Another attempt may do better: the host has another address, or the request was sent over a
  // connection that was open before. The peer, or a balancer in front of it, may have forgotten
  // that connection without a word.
  bool in_doubt() const { return has_alternative_ || reused(); }

  // The connection over which the request was sent is broken; another is opened for it from now on.
  void OnReconnect(TimePoint now);

  // A TCP connection to `peer`, as in HttpFailure, is being opened for the request.
  void OnTry(std::string peer) { tried_.push_back(std::move(peer)); }
  const std::vector<std::string>& tried() const { return tried_; }

  // The request is about to be written to a connection. Called again, perhaps without
  // OnReconnect(), if that connection fails before the reply and the request is sent again.
  void OnSend(TimePoint now, TargetTimeouts& timeouts);
  bool sent() const { return sent_; }
  // Whether the request was sent over a connection that was open before.
  bool reused() const { return sent_ && tried_.empty(); }

  // The failure of a call that has waited for addresses until connect_limit(); of one that has
  // waited for a connection until then, which was open for TCP or not; and of one that has waited
  // until time_limit() or patience_limit().
  HttpFailure NotAddressed() const;
  HttpFailure NotConnected(bool tcp) const;
  static HttpFailure TimedOut();

  // A complete reply has arrived.
  void Replied(const HttpReply& reply, TimePoint now, CallContext& context, TargetHost& host,
               TargetTimeouts& timeouts);

  // The attempt ends with `failure`, whose peer must be set. Returns it with what the attempt knows
  // in addition.
  HttpFailure Failed(HttpFailure failure, TimePoint now, CallContext& context, TargetHost& host,
                     TargetTimeouts& timeouts);

 private:
  // How much the silence until `now` says against the peer, from 0 to 1.
  double WeightOfSilence(TimePoint now, const TargetTimeouts& timeouts) const;
  // Reports the addresses other than `peer` to which a connection was tried.
  void ReportUnreached(absl::string_view peer, TimePoint now, TargetHost& host) const;

  const HttpClientOptions* options_;
  TimePoint begun_;
  TimePoint time_limit_;
  TimePoint connect_limit_;
  // Since when the request has had no connection, unless it is sent().
  TimePoint connecting_since_;
  // When the address was known; max() before that.
  TimePoint launched_ = TimePoint::max();
  ReplyTimeout::Duration usual_{0};
  bool has_alternative_ = false;
  std::vector<std::string> tried_;
  bool sent_ = false;
  TimePoint sent_at_;
};

}  // namespace uid2

#endif  // SERVER_HTTP_ATTEMPT_H_
