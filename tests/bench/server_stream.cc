// SPDX-License-Identifier: Apache-2.0

#include "tests/bench/server_stream.h"

#include <openssl/err.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "absl/strings/str_cat.h"
#include "tests/bench/check.h"

namespace uid2::bench {

ServerStream::ServerStream(int socket, SSL_CTX& tls) : socket_(socket), ssl_(SSL_new(&tls)) {
  Check(ssl_ != nullptr && SSL_set_fd(ssl_.get(), socket) == 1, "SSL_new failed");
  SSL_set_accept_state(ssl_.get());
}

ServerStream::~ServerStream() { close(socket_); }

ssize_t ServerStream::Receive(char* buffer, size_t size) {
  if (ssl_ == nullptr) return recv(socket_, buffer, size, 0);
  ERR_clear_error();
  return Result(SSL_read(ssl_.get(), buffer, static_cast<int>(size)));
}

ssize_t ServerStream::Send(absl::string_view bytes) {
  if (ssl_ == nullptr) return send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  ERR_clear_error();
  return Result(SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size())));
}

ssize_t ServerStream::Result(int result) {
  if (result > 0) return result;
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
      errno = EAGAIN;
      return -1;
    case SSL_ERROR_ZERO_RETURN:
      return 0;
    default:
      errno = ECONNRESET;
      return -1;
  }
}

SslContext ServerContext(const std::string& folder) {
  if (folder.empty()) return nullptr;
  SslContext context(SSL_CTX_new(TLS_server_method()));
  const std::string chain = absl::StrCat(folder, "/server.pem");
  const std::string key = absl::StrCat(folder, "/server.key");
  Check(context != nullptr &&
            SSL_CTX_use_certificate_chain_file(context.get(), chain.c_str()) == 1 &&
            SSL_CTX_use_PrivateKey_file(context.get(), key.c_str(), SSL_FILETYPE_PEM) == 1,
        absl::StrCat("cannot read the certificate and its key from ", folder));
  // HttpConnection sends the rest of a reply from another buffer.
  SSL_CTX_set_mode(context.get(),
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  return context;
}

}  // namespace uid2::bench
