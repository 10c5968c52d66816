// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_HTTP_TARGET_TIMEOUTS_H_
#define SERVER_HTTP_TARGET_TIMEOUTS_H_

#include "server/http/reply_timeout.h"

namespace uid2 {

// How long requests to one target take. Not thread-safe.
struct TargetTimeouts {
  // From a request to its reply, and from the start of a call to a new connection.
  ReplyTimeout reply_timeout = {};
  ReplyTimeout connect_timeout = {};

  // The time that a request usually takes at most, if it may need a new connection or not.
  ReplyTimeout::Duration Usual(bool with_connection) const {
    const ReplyTimeout::Duration reply = reply_timeout.value();
    return with_connection ? reply + connect_timeout.value() : reply;
  }
};

}  // namespace uid2

#endif  // SERVER_HTTP_TARGET_TIMEOUTS_H_
