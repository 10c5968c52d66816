// SPDX-License-Identifier: Apache-2.0

#include "server/http/wire/tls_stream.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <cerrno>
#include <string>
#include <system_error>

#include "absl/memory/memory.h"
#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/strip.h"
#include "absl/types/optional.h"
#include "server/http/wire/socket_bio.h"

namespace uid2 {
namespace {

// As in certificates.
std::string CanonicalName(absl::string_view host) {
  return absl::AsciiStrToLower(absl::StripSuffix(host, "."));
}

// Makes the handshake verify that the certificate is for `host`, and asks for that certificate.
bool ExpectHost(SSL* ssl, absl::string_view host) {
  SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  const std::string name = CanonicalName(host);
  // An empty name would mean that any is good.
  if (name.empty() || SSL_set1_host(ssl, name.c_str()) != 1) return false;
  // SSL_set1_host() has set no name if it is an address, of which TLS must not tell the server.
  if (X509_VERIFY_PARAM_get0_host(SSL_get0_param(ssl), 0) == nullptr) return true;
  return SSL_set_tlsext_host_name(ssl, name.c_str()) == 1;
}

// Whether OpenSSL has not begun to process a record. In a record of which only the header has
// arrived, SSL_free_buffers() of versions before 3.0.14 frees what is still used (CVE-2024-4741).
bool IsBetweenRecords(const SSL* ssl) {
  return absl::string_view(SSL_rstate_string(ssl)) == "RH";  // "read header"
}

}  // namespace

absl::StatusOr<std::unique_ptr<TlsStream>> TlsStream::New(FileDescriptor socket,
                                                          std::shared_ptr<TlsContext> context,
                                                          absl::string_view host, int port) {
  ERR_clear_error();
  const absl::StatusOr<BIO*> bio = NewSocketBio(socket.get());
  if (!bio.ok()) return bio.status();
  Ssl ssl(SSL_new(context->get()));
  if (ssl == nullptr) {
    BIO_free(*bio);
    return absl::InternalError("OpenSSL makes no TLS connection");
  }
  SSL_set_bio(ssl.get(), *bio, *bio);
  SSL_set_connect_state(ssl.get());
  if (!ExpectHost(ssl.get(), host)) {
    return absl::InternalError("OpenSSL does not accept the host's name");
  }
  TlsSessions::Slot& slot = context->sessions().Of(CanonicalName(host), port);
  TlsContext::KeepSessionsOf(ssl.get(), slot);
  if (const TlsSessions::Session session = slot.Newest(); session != nullptr) {
    // Fails only if the session is of another version; there will be a full handshake.
    (void)SSL_set_session(ssl.get(), session.get());
  }
  ERR_clear_error();
  return absl::WrapUnique(new TlsStream(std::move(socket), std::move(context), std::move(ssl)));
}

TlsStream::~TlsStream() {
  ERR_clear_error();
  if (!failed_ && SSL_is_init_finished(ssl_.get()) == 1) (void)SSL_shutdown(ssl_.get());
  // Otherwise OpenSSL would take the session for a bad one if the connection has broken.
  SSL_set_shutdown(ssl_.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
  ERR_clear_error();
}

absl::StatusOr<ByteStream::Wait> TlsStream::Handshake() {
  ERR_clear_error();
  BeginTurn(SSL_get_rbio(ssl_.get()));
  const int result = SSL_do_handshake(ssl_.get());
  if (result == 1) return Wait::kNone;
  ConnectionFault fault;
  const Wait wait = WaitAfter(result, fault);
  if (wait != Wait::kNone) return wait;
  switch (ERR_GET_REASON(fault.openssl)) {
    case SSL_R_CERTIFICATE_VERIFY_FAILED:
      return CertificateNotAccepted(SSL_get_verify_result(ssl_.get()));
    case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
      return ClientCertificateRequired();
    default:
      return HandshakeFailed(fault);
  }
}

absl::StatusOr<ByteStream::Progress> TlsStream::Send(absl::string_view bytes) {
  Progress progress;
  // Each call of SSL_write_ex() writes one record.
  while (progress.bytes < bytes.size()) {
    ERR_clear_error();
    size_t written = 0;
    const int result = SSL_write_ex(ssl_.get(), bytes.data() + progress.bytes,
                                    bytes.size() - progress.bytes, &written);
    progress.bytes += written;
    if (result == 1) continue;
    ConnectionFault fault;
    progress.wait = WaitAfter(result, fault);
    if (progress.wait == Wait::kNone) return SendFailed(fault);
    return progress;
  }
  return progress;
}

absl::StatusOr<ByteStream::Progress> TlsStream::Receive(absl::Span<char> buffer) {
  ERR_clear_error();
  BeginTurn(SSL_get_rbio(ssl_.get()));
  Progress progress;
  const int result = SSL_read_ex(ssl_.get(), buffer.data(), buffer.size(), &progress.bytes);
  if (result == 1) {
    // What OpenSSL has taken from the socket may be part of a record only; the next call tells.
    if (SSL_has_pending(ssl_.get()) == 0) progress.wait = Wait::kRead;
  }
  ConnectionFault fault;
  if (result != 1) progress.wait = WaitAfter(result, fault);
  if (progress.wait == Wait::kRead && IsBetweenRecords(ssl_.get())) {
    // OpenSSL allocates 16 KiB for writing when a session ticket or key update arrives, and would
    // keep them until something is written. Fails, without an effect, if a buffer is in use.
    (void)SSL_free_buffers(ssl_.get());
  }
  if (result == 1 || progress.wait != Wait::kNone) return progress;
  if (!failed_) return Progress{.end = true};
  return ReceiveFailed(fault);
}

ByteStream::Wait TlsStream::WaitAfter(int result, ConnectionFault& fault) {
  const int error = errno;
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return Wait::kRead;
    case SSL_ERROR_WANT_WRITE:
      return Wait::kWrite;
    case SSL_ERROR_ZERO_RETURN:
      return Wait::kNone;
    default:
      failed_ = true;
      fault.openssl = ERR_peek_error();
      fault.closed = fault.openssl == 0 && error == 0;
      if (fault.openssl == 0 && error != 0) fault.system = std::system_category().message(error);
      ERR_clear_error();
      return Wait::kNone;
  }
}

}  // namespace uid2
