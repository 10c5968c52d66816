#include "server/http/tls/certificate_fault.h"

#include "absl/strings/cord.h"

namespace uid2 {
namespace {

// absl::Status asks for a type URL, by which it can collide with nobody's.
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
