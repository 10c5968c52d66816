// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_CALL_CALL_TRACE_H_
#define SERVER_CALL_CALL_TRACE_H_

#include <string>

namespace uid2 {

// What the log says about the attempts that were made for a call. Not thread-safe: the step of the
// call that is in progress writes it, and whoever answers the call reads it.
struct CallTrace {
  // Attempts that have ended.
  int attempts = 0;
  // The HTTP status of the last attempt; 0 if there was no reply.
  int http_status = 0;
  // The address and port that the last attempt went to; empty if there was no connection.
  std::string peer;
  // Why the last attempt that failed did so, or what is wrong although the call succeeded. Empty if
  // nothing is. Part of no request or reply.
  std::string detail;
};

}  // namespace uid2

#endif  // SERVER_CALL_CALL_TRACE_H_
