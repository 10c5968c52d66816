// SPDX-License-Identifier: Apache-2.0

#include "server/http/wire/plain_stream.h"

#include <sys/socket.h>

#include <cerrno>
#include <system_error>

#include "server/http/connection_failure.h"

namespace uid2 {
namespace {

bool WouldBlock(int error) { return error == EAGAIN || error == EWOULDBLOCK; }

ConnectionFault FaultOf(int error) { return {.system = std::system_category().message(error)}; }

}  // namespace

absl::StatusOr<ByteStream::Progress> PlainStream::Send(absl::string_view bytes) {
  for (;;) {
    const ssize_t sent = send(fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      const auto count = static_cast<size_t>(sent);
      return Progress{.bytes = count, .wait = count == bytes.size() ? Wait::kNone : Wait::kWrite};
    }
    if (errno == EINTR) continue;
    if (WouldBlock(errno)) return Progress{.wait = Wait::kWrite};
    return SendFailed(FaultOf(errno));
  }
}

absl::StatusOr<ByteStream::Progress> PlainStream::Receive(absl::Span<char> buffer) {
  for (;;) {
    const ssize_t received = recv(fd(), buffer.data(), buffer.size(), 0);
    if (received == 0) return Progress{.end = true};
    if (received > 0) {
      const auto count = static_cast<size_t>(received);
      return Progress{.bytes = count, .wait = count == buffer.size() ? Wait::kNone : Wait::kRead};
    }
    if (errno == EINTR) continue;
    if (WouldBlock(errno)) return Progress{.wait = Wait::kRead};
    return ReceiveFailed(FaultOf(errno));
  }
}

}  // namespace uid2
