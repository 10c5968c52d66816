// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/caller_cache.h"

#include <grpc/grpc_security.h>
#include <grpc/grpc_security_constants.h>

#include "absl/status/statusor.h"
#include "server/crypto/certificate.h"

namespace uid2 {

CallerCache::CallerCache(const CallerList& callers)
    : callers_(callers), anonymous_(std::make_shared<const Caller>(callers.Anonymous())) {}

std::shared_ptr<const Caller> CallerCache::CallerOf(grpc_call* call) {
  if (!callers_.authenticated()) return anonymous_;
  const std::unique_ptr<grpc_auth_context, void (*)(grpc_auth_context*)> peer(
      grpc_call_auth_context(call), &grpc_auth_context_release);
  if (peer == nullptr) return Find("");
  grpc_auth_property_iterator found =
      grpc_auth_context_find_properties_by_name(peer.get(), GRPC_X509_PEM_CERT_PROPERTY_NAME);
  const grpc_auth_property* const pem = grpc_auth_property_iterator_next(&found);
  return Find(pem == nullptr ? "" : absl::string_view(pem->value, pem->value_length));
}

std::shared_ptr<const Caller> CallerCache::Find(absl::string_view pem) {
  if (!callers_.authenticated()) return anonymous_;
  const auto found = by_pem_.find(pem);
  if (found != by_pem_.end()) return found->second;
  const absl::StatusOr<std::vector<CertificateSummary>> certificates = ParseCertificates(pem);
  auto caller = std::make_shared<const Caller>(
      certificates.ok() ? callers_.Identify(certificates->front()) : Caller());
  // Callers replace their certificates and do not return to old ones, so that starting again is
  // enough, and costs little: each caller's certificate is parsed once more.
  if (bytes_ + pem.size() > kMaxBytes) {
    by_pem_.clear();
    bytes_ = 0;
  }
  by_pem_.emplace(pem, caller);
  bytes_ += pem.size();
  return caller;
}

}  // namespace uid2
