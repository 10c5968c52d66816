// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_HTTP_PEER_SOCKET_H_
#define SERVER_HTTP_PEER_SOCKET_H_

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/event/file_descriptor.h"

namespace uid2 {

// How long the system waits for a peer that acknowledges nothing before it gives up a connection:
// the longest of the two limits, but not less than a few lost packets take.
absl::Duration UserTimeout(absl::Duration connect_timeout, absl::Duration request_timeout);

// Opens a TCP socket for a connection to a peer: non-blocking, closed by exec, without Nagle's
// delay, with keep-alive probes that notice a vanished peer within 20 seconds, and with
// `user_timeout`. `family` is AF_INET or AF_INET6. Errors are those of the kernel.
absl::StatusOr<FileDescriptor> OpenPeerSocket(int family, absl::Duration user_timeout);

}  // namespace uid2

#endif  // SERVER_HTTP_PEER_SOCKET_H_
