// SPDX-License-Identifier: Apache-2.0

#include "tests/fakes/server_stream.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <sys/socket.h>

#include <cstdlib>
#include <utility>

namespace uid2::testing {
namespace {

void Require(bool done) {
  if (!done) std::abort();
}

using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;

Bio Reader(const std::string& pem) {
  Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free);
  Require(bio != nullptr);
  return bio;
}

}  // namespace

ServerTls::ServerTls(const TestCertificate& certificate)
    : context_(SSL_CTX_new(TLS_server_method())) {
  Require(context_ != nullptr);
  const Bio certificate_pem = Reader(certificate.certificate);
  const std::unique_ptr<X509, decltype(&X509_free)> x509(
      PEM_read_bio_X509(certificate_pem.get(), nullptr, nullptr, nullptr), &X509_free);
  const Bio key_pem = Reader(certificate.key);
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
      PEM_read_bio_PrivateKey(key_pem.get(), nullptr, nullptr, nullptr), &EVP_PKEY_free);
  Require(x509 != nullptr && key != nullptr);
  Require(SSL_CTX_use_certificate(context_.get(), x509.get()) == 1);
  Require(SSL_CTX_use_PrivateKey(context_.get(), key.get()) == 1);
}

ServerStream::ServerStream(FileDescriptor socket, const ServerTls* tls)
    : socket_(std::move(socket)) {
  if (tls == nullptr) return;
  ssl_.reset(SSL_new(tls->context()));
  Require(ssl_ != nullptr && SSL_set_fd(ssl_.get(), fd()) == 1);
}

ServerStream::~ServerStream() {
  // OpenSSL keeps errors by thread; none may be attributed to a later connection.
  ERR_clear_error();
}

bool ServerStream::Handshake() { return ssl_ == nullptr || SSL_accept(ssl_.get()) == 1; }

bool ServerStream::resumed() const {
  return ssl_ != nullptr && SSL_session_reused(ssl_.get()) == 1;
}

bool ServerStream::HasPending() const { return ssl_ != nullptr && SSL_pending(ssl_.get()) > 0; }

std::string ServerStream::Read() {
  std::string bytes(65536, '\0');
  const ssize_t count = ssl_ == nullptr
                            ? recv(fd(), bytes.data(), bytes.size(), 0)
                            : SSL_read(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()));
  bytes.resize(count > 0 ? static_cast<size_t>(count) : 0);
  return bytes;
}

bool ServerStream::Write(absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ssl_ == nullptr
                              ? send(fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL)
                              : SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()));
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(count));
  }
  return true;
}

bool ServerStream::UpdateKeys() {
  Require(ssl_ != nullptr && SSL_key_update(ssl_.get(), SSL_KEY_UPDATE_REQUESTED) == 1);
  return SSL_do_handshake(ssl_.get()) == 1;
}

void ServerStream::Close() {
  if (ssl_ != nullptr) (void)SSL_shutdown(ssl_.get());
  Cut();
}

void ServerStream::Reset() {
  const linger no_linger = {.l_onoff = 1, .l_linger = 0};
  Require(setsockopt(fd(), SOL_SOCKET, SO_LINGER, &no_linger, sizeof(no_linger)) == 0);
  Cut();
}

void ServerStream::Cut() { socket_ = FileDescriptor(); }

}  // namespace uid2::testing
