// SPDX-License-Identifier: Apache-2.0

#include "client/doctor/handshake.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cerrno>
#include <cstddef>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "client/doctor/connection.h"
#include "client/doctor/expected_host.h"
#include "client/doctor/service_address.h"
#include "server/event/thread.h"
#include "server/http/tls/trust_store.h"

namespace uid2::doctor {
namespace {

// gRPC's own, in the form of TLS: each name with its length before it.
constexpr unsigned char kAlpn[] = {2, 'h', '2'};

struct Free {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};
using Context = std::unique_ptr<SSL_CTX, Free>;

// Runs if the server asks for a certificate, whether there is one or not.
int NoteRequest(SSL* ssl, void* handshake) {
  Handshake& result = *static_cast<Handshake*>(handshake);
  result.asked_for_certificate = true;
  result.authorities.clear();
  const STACK_OF(X509_NAME)* const names = SSL_get0_peer_CA_list(ssl);
  for (int i = 0; names != nullptr && i < sk_X509_NAME_num(names); ++i) {
    result.authorities.push_back(NameText(*sk_X509_NAME_value(names, i)));
  }
  return 1;
}

absl::Status LoadOwn(const client::ChannelOptions& options, SSL_CTX* context) {
  if (options.certificate_file.empty()) return absl::OkStatus();
  const std::string& certificate = options.certificate_file;
  const std::string* failed = nullptr;
  if (SSL_CTX_use_certificate_chain_file(context, certificate.c_str()) != 1) {
    failed = &certificate;
  } else if (SSL_CTX_use_PrivateKey_file(context, options.key_file.c_str(), SSL_FILETYPE_PEM) !=
             1) {
    failed = &options.key_file;
  }
  if (failed == nullptr) return absl::OkStatus();
  const char* const reason = ERR_reason_error_string(ERR_peek_last_error());
  ERR_clear_error();
  return absl::InvalidArgumentError(
      absl::StrCat("cannot use ", *failed, ": ", reason == nullptr ? "no reason given" : reason));
}

absl::StatusOr<Context> MakeContext(const client::ChannelOptions& options, Handshake& result) {
  const absl::StatusOr<std::shared_ptr<const TrustStore>> authorities =
      TrustStore::Load(options.ca_file);
  if (!authorities.ok()) return authorities.status();
  Context context(SSL_CTX_new(TLS_client_method()));
  if (context == nullptr || SSL_CTX_set_alpn_protos(context.get(), kAlpn, sizeof(kAlpn)) != 0) {
    return absl::ResourceExhaustedError("no memory for TLS");
  }
  (*authorities)->UseIn(context.get());
  // OpenSSL still verifies the chain and the name, but the handshake continues after a failure, so
  // that everything can be reported. No data is sent over this connection.
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);
  SSL_CTX_set_cert_cb(context.get(), &NoteRequest, &result);
  if (absl::Status status = LoadOwn(options, context.get()); !status.ok()) return status;
  return context;
}

void NoteFailure(int error_number, Handshake& result) {
  const unsigned long error = ERR_peek_last_error();
  const char* const reason = error == 0 ? nullptr : ERR_reason_error_string(error);
  ERR_clear_error();
  if (reason != nullptr) {
    result.error = reason;
    const int code = ERR_GET_REASON(error);
    result.reason = code == SSL_R_UNEXPECTED_EOF_WHILE_READING ? 0 : code;
  } else if (error_number == EAGAIN || error_number == EWOULDBLOCK) {
    result.error = "no answer in time";
  } else {
    result.error = "the server closed the connection";
  }
}

void Perform(SSL* ssl, Handshake& result) {
  if (X509* const own = SSL_get_certificate(ssl); own != nullptr) {
    result.own_is_for_clients = X509_check_purpose(own, X509_PURPOSE_SSL_CLIENT, 0) == 1;
  }
  errno = 0;
  bool ok = SSL_connect(ssl) == 1;
  int error_number = errno;
  if (const X509* const certificate = SSL_get0_peer_certificate(ssl); certificate != nullptr) {
    result.server = Summarize(*certificate);
    result.verify_result = SSL_get_verify_result(ssl);
  }
  if (ok) {
    // With TLS 1.3, the server judges the client's certificate after the client's handshake is
    // complete. An HTTP/2 server that accepts it sends its settings.
    char byte = 0;
    errno = 0;
    ok = SSL_read(ssl, &byte, 1) == 1;
    error_number = errno;
  }
  result.accepted = ok;
  if (!ok) NoteFailure(error_number, result);
}

absl::StatusOr<FileDescriptor> ConnectFirst(const OperatorAddress& address,
                                            absl::Duration timeout) {
  const absl::StatusOr<std::vector<SocketAddress>> found = Resolve(address);
  if (!found.ok()) return absl::UnavailableError(found.status().message());
  absl::StatusOr<FileDescriptor> connection = absl::UnavailableError("no address");
  for (const SocketAddress& each : *found) {
    connection = Connect(each, timeout);
    if (connection.ok()) break;
  }
  return connection;
}

}  // namespace

absl::StatusOr<Handshake> TryHandshake(const client::ChannelOptions& options,
                                       absl::Duration timeout) {
  const absl::StatusOr<OperatorAddress> address = FirstAddress(options.address);
  if (!address.ok()) return address.status();
  Handshake result;
  const absl::StatusOr<Context> context = MakeContext(options, result);
  if (!context.ok()) return context.status();
  const absl::StatusOr<FileDescriptor> connection = ConnectFirst(*address, timeout);
  if (!connection.ok()) return absl::UnavailableError(connection.status().message());
  const std::unique_ptr<SSL, Free> ssl(SSL_new(context->get()));
  if (ssl == nullptr || SSL_set_fd(ssl.get(), connection->get()) != 1 ||
      !ExpectHost(*ssl, options.server_name.empty() ? address->host : options.server_name)) {
    ERR_clear_error();
    return absl::InternalError("cannot set up TLS");
  }
  {
    // OpenSSL would raise SIGPIPE if the server closes the connection early.
    const absl::StatusOr<Thread> thread =
        Thread::Start("handshake", [&] { Perform(ssl.get(), result); });
    if (!thread.ok()) return thread.status();
  }
  return result;
}

}  // namespace uid2::doctor
