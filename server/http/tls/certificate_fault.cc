// SPDX-License-Identifier: Apache-2.0

#include "server/http/tls/certificate_fault.h"

#include "absl/strings/cord.h"

namespace uid2 {
namespace {

// absl::Status identifies payloads by type URLs, so that they do not collide.
constexpr char kPayloadUrl[] = "uid2.identity/certificate_fault";

}  // namespace

absl::Status MakeCertificateFault(absl::string_view message) {
  absl::Status status = absl::UnavailableError(message);
  status.SetPayload(kPayloadUrl, absl::Cord());
  return status;
}

bool IsCertificateFault(const absl::Status& status) {
  return status.GetPayload(kPayloadUrl).has_value();
}

}  // namespace uid2
