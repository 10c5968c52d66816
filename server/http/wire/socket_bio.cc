// SPDX-License-Identifier: Apache-2.0

#include "server/http/wire/socket_bio.h"

#include <sys/socket.h>

#include <cerrno>
#include <memory>

#include "absl/status/status.h"

namespace uid2 {
namespace {

// A record and what follows it take two, and OpenSSL's buffer of 16 KiB has room for 600 key
// updates.
constexpr int kReceivesInTurn = 4;

struct Socket {
  int fd = -1;
  int receives_left = kReceivesInTurn;
};

bool Retryable(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

Socket& SocketOf(BIO* bio) { return *static_cast<Socket*>(BIO_get_data(bio)); }

int Write(BIO* bio, const char* bytes, size_t size, size_t* written) {
  BIO_clear_retry_flags(bio);
  const ssize_t sent = send(SocketOf(bio).fd, bytes, size, MSG_NOSIGNAL);
  if (sent < 0 && Retryable(errno)) BIO_set_retry_write(bio);
  if (sent <= 0) return 0;
  *written = static_cast<size_t>(sent);
  return 1;
}

int Read(BIO* bio, char* buffer, size_t size, size_t* read) {
  BIO_clear_retry_flags(bio);
  Socket& socket = SocketOf(bio);
  if (socket.receives_left == 0) {
    BIO_set_retry_read(bio);
    return 0;
  }
  --socket.receives_left;
  const ssize_t received = recv(socket.fd, buffer, size, 0);
  if (received < 0 && Retryable(errno)) BIO_set_retry_read(bio);
  // OpenSSL asks this when it finds neither bytes nor a reason to retry.
  if (received == 0) BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
  if (received <= 0) return 0;
  *read = static_cast<size_t>(received);
  return 1;
}

long Control(BIO* bio, int command, long /*number*/, void* /*pointer*/) {  // NOLINT(runtime/int)
  switch (command) {
    case BIO_CTRL_FLUSH:
      return 1;
    case BIO_CTRL_EOF:
      return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
    default:
      return 0;
  }
}

int Destroy(BIO* bio) {
  delete static_cast<Socket*>(BIO_get_data(bio));
  return 1;
}

struct Free {
  void operator()(BIO_METHOD* method) const { BIO_meth_free(method); }
};
using Method = std::unique_ptr<BIO_METHOD, Free>;

Method NewMethod() {
  Method method(BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "non-blocking socket"));
  if (method == nullptr || BIO_meth_set_write_ex(method.get(), &Write) != 1 ||
      BIO_meth_set_read_ex(method.get(), &Read) != 1 ||
      BIO_meth_set_ctrl(method.get(), &Control) != 1 ||
      BIO_meth_set_destroy(method.get(), &Destroy) != 1) {
    return nullptr;
  }
  return method;
}

}  // namespace

absl::StatusOr<BIO*> NewSocketBio(int fd) {
  // Never freed, because BIOs use it as long as the process lives.
  static const BIO_METHOD* const method = NewMethod().release();
  BIO* const bio = method == nullptr ? nullptr : BIO_new(method);
  if (bio == nullptr) return absl::InternalError("OpenSSL makes no BIO");
  BIO_set_data(bio, new Socket{.fd = fd});
  BIO_set_init(bio, 1);
  return bio;
}

void BeginTurn(BIO* bio) { SocketOf(bio).receives_left = kReceivesInTurn; }

}  // namespace uid2
