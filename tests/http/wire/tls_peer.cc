// SPDX-License-Identifier: Apache-2.0

#include "tests/http/wire/tls_peer.h"

#include <openssl/err.h>
#include <poll.h>

#include <cstdlib>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "tests/http/wire/socket_pair.h"

namespace uid2::testing {
namespace {

void Require(bool done) {
  if (!done) std::abort();
}

}  // namespace

TlsPeer::TlsPeer(FileDescriptor socket, const ServerTls& tls)
    : socket_(std::move(socket)), ssl_(SSL_new(tls.context())) {
  Require(ssl_ != nullptr && SSL_set_fd(ssl(), fd()) == 1);
  SSL_set_accept_state(ssl());
}

TlsPeer::~TlsPeer() { ERR_clear_error(); }

int TlsPeer::Handshake() {
  const int error = SSL_get_error(ssl(), SSL_do_handshake(ssl()));
  ERR_clear_error();
  return error;
}

bool TlsPeer::Write(absl::string_view bytes) {
  const int written = SSL_write(ssl(), bytes.data(), static_cast<int>(bytes.size()));
  ERR_clear_error();
  return written == static_cast<int>(bytes.size());
}

bool TlsPeer::SendTicket() {
  return SSL_new_session_ticket(ssl()) == 1 && SSL_do_handshake(ssl()) == 1;
}

bool TlsPeer::SendKeyUpdate(bool mutual) {
  return SSL_key_update(ssl(), mutual ? SSL_KEY_UPDATE_REQUESTED : SSL_KEY_UPDATE_NOT_REQUESTED) ==
             1 &&
         SSL_do_handshake(ssl()) == 1;
}

std::string TlsPeer::Read() {
  std::string bytes;
  char buffer[4096];
  for (int count = 0; (count = SSL_read(ssl(), buffer, sizeof(buffer))) > 0;) {
    bytes.append(buffer, static_cast<size_t>(count));
  }
  ERR_clear_error();
  return bytes;
}

std::string TlsPeer::Read(size_t count) {
  std::string bytes = Read();
  while (bytes.size() < count && Await(fd(), POLLIN)) {
    const std::string more = Read();
    if (more.empty() && SSL_get_shutdown(ssl()) != 0) break;
    bytes += more;
  }
  return bytes;
}

void TlsPeer::Close() {
  (void)SSL_shutdown(ssl());
  socket_ = FileDescriptor();
}

absl::StatusOr<ByteStream::Wait> Handshake(ByteStream& client, TlsPeer& server) {
  absl::StatusOr<ByteStream::Wait> wait = client.Handshake();
  int answer = server.Handshake();
  while (wait.ok() && *wait != ByteStream::Wait::kNone && Await(client, *wait)) {
    wait = client.Handshake();
    answer = server.Handshake();
  }
  while (wait.ok() && answer == SSL_ERROR_WANT_READ && Await(server.fd(), POLLIN)) {
    answer = server.Handshake();
  }
  return wait;
}

absl::StatusOr<Received> ReceiveAll(ByteStream& client, size_t buffer_size) {
  Received received;
  std::vector<char> buffer(buffer_size);
  do {
    const absl::StatusOr<ByteStream::Progress> progress = client.Receive(absl::MakeSpan(buffer));
    if (!progress.ok()) return progress.status();
    received.bytes.append(buffer.data(), progress->bytes);
    received.wait = progress->wait;
    received.end = progress->end;
  } while (received.wait == ByteStream::Wait::kNone && !received.end);
  return received;
}

}  // namespace uid2::testing
