// SPDX-License-Identifier: Apache-2.0

#ifndef TESTS_HTTP_WIRE_SOCKET_PAIR_H_
#define TESTS_HTTP_WIRE_SOCKET_PAIR_H_

#include "server/event/file_descriptor.h"
#include "server/http/wire/byte_stream.h"

namespace uid2::testing {

// Both ends of a TCP connection on 127.0.0.1, non-blocking.
struct SocketPair {
  FileDescriptor client;
  FileDescriptor server;
};

// If `small_buffers`, the system takes tens of KiB at most before the other end reads. Aborts on
// failure.
SocketPair Connect(bool small_buffers = false);

// Waits until `fd` has one of `events`, which are those of poll(); false if that does not happen
// within ten seconds.
bool Await(int fd, short events);  // NOLINT(runtime/int): poll's type
bool Await(const ByteStream& stream, ByteStream::Wait wait);

// Whether `fd` is readable now.
bool IsReadable(int fd);

// Ends the connection of `socket` so that the peer sees a reset.
void Reset(FileDescriptor socket);

}  // namespace uid2::testing

#endif  // TESTS_HTTP_WIRE_SOCKET_PAIR_H_
