// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_HTTP_WIRE_ROUTE_H_
#define SERVER_HTTP_WIRE_ROUTE_H_

#include <memory>

#include "server/http/http_client.h"
#include "server/http/reply_timeout.h"
#include "server/http/target_timeouts.h"
#include "server/http/wire/origin.h"
#include "server/http/wire/request_head.h"

namespace uid2 {

// How requests get to one target.
struct Route {
  std::shared_ptr<const HttpTarget> target;
  RequestHead head;
  std::shared_ptr<Origin> origin;

  // Of the loop's thread.
  TargetTimeouts timeouts = {};

  // Guarded by the lock of SharedState: TargetTimeouts::Usual() with and without a new connection.
  ReplyTimeout::Duration usual{0};
  ReplyTimeout::Duration usual_with_connection{0};
};

}  // namespace uid2

#endif  // SERVER_HTTP_WIRE_ROUTE_H_
