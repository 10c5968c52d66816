// SPDX-License-Identifier: Apache-2.0

#include "server/http/wire/tls_sessions.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace uid2 {

void TlsSessions::Slot::Keep(Session session) {
  absl::MutexLock lock(&mutex_);
  newest_ = std::move(session);
}

TlsSessions::Session TlsSessions::Slot::Newest() {
  absl::MutexLock lock(&mutex_);
  // OpenSSL marks sessions whose connections have failed in TLS.
  if (newest_ == nullptr || SSL_SESSION_is_resumable(newest_.get()) != 1) return nullptr;
  return Session(SSL_SESSION_dup(newest_.get()));
}

TlsSessions::Slot& TlsSessions::Of(absl::string_view host, int port) {
  absl::MutexLock lock(&mutex_);
  return slots_[absl::StrCat(host, ":", port)];
}

}  // namespace uid2
