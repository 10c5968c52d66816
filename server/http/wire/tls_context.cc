// SPDX-License-Identifier: Apache-2.0

#include "server/http/wire/tls_context.h"

#include <openssl/err.h>

#include "absl/memory/memory.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace uid2 {
namespace {

// In ALPN's form: each name after its length.
constexpr unsigned char kHttp11[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

bool Configure(SSL_CTX* context) {
  // SSL_MODE_AUTO_RETRY: without it, reading would report a wait for the socket after each session
  // ticket, although the bytes that follow the ticket have been taken from the socket already.
  SSL_CTX_set_mode(context, SSL_MODE_AUTO_RETRY | SSL_MODE_RELEASE_BUFFERS |
                                SSL_MODE_ENABLE_PARTIAL_WRITE |
                                SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  // One system call takes what the socket holds, instead of two for each record.
  SSL_CTX_set_read_ahead(context, 1);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_keylog_callback(context, nullptr);
  // Without OpenSSL's own cache, which only servers use.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  return SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 &&
         // This one returns 0 on success.
         SSL_CTX_set_alpn_protos(context, kHttp11, sizeof(kHttp11)) == 0;
}

absl::Status OpensslError() {
  const char* const reason = ERR_reason_error_string(ERR_peek_error());
  ERR_clear_error();
  return absl::InternalError(
      absl::StrCat("OpenSSL makes no TLS context: ", reason == nullptr ? "no reason" : reason));
}

}  // namespace

absl::StatusOr<std::shared_ptr<TlsContext>> TlsContext::New(const TrustStore& trust_store) {
  ERR_clear_error();
  Context context(SSL_CTX_new(TLS_client_method()));
  if (context == nullptr || !Configure(context.get())) return OpensslError();
  SSL_CTX_sess_set_new_cb(context.get(), &TlsContext::OnNewSession);
  trust_store.UseIn(context.get());
  return absl::WrapUnique(new TlsContext(std::move(context)));
}

void TlsContext::KeepSessionsOf(SSL* ssl, TlsSessions::Slot& slot) { SSL_set_app_data(ssl, &slot); }

int TlsContext::OnNewSession(SSL* ssl, SSL_SESSION* session) {
  auto* const slot = static_cast<TlsSessions::Slot*>(SSL_get_app_data(ssl));
  if (slot == nullptr) return 0;
  slot->Keep(TlsSessions::Session(session));
  // The reference is ours now.
  return 1;
}

}  // namespace uid2
