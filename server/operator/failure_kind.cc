#include "server/operator/failure_kind.h"

#include <string>

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/types/optional.h"

namespace uid2 {
namespace {

// absl::Status asks for a type URL, by which it can collide with nobody's.
constexpr char kPayloadUrl[] = "uid2.identity/failure_kind";

}  // namespace

absl::Status WithFailureKind(absl::Status status, FailureKind kind) {
  status.SetPayload(kPayloadUrl, absl::Cord(absl::StrCat(static_cast<int>(kind))));
  return status;
}

FailureKind FailureKindOf(const absl::Status& status) {
  const absl::optional<absl::Cord> payload = status.GetPayload(kPayloadUrl);
  int kind;
  if (!payload.has_value() || !absl::SimpleAtoi(std::string(*payload), &kind)) {
    return FailureKind::kOther;
  }
  return static_cast<FailureKind>(kind);
}

}  // namespace uid2
