// SPDX-License-Identifier: Apache-2.0

#include "server/dii/dii.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/crypto/base64.h"
#include "server/crypto/sha256.h"
#include "server/dii/dii_hash.h"
#include "server/dii/email.h"
#include "server/dii/phone.h"
#include "server/status/reason.h"

namespace uid2 {
namespace {

absl::Status CheckExactlyOneIsSet(const DiiInput& input) {
  int set = 0;
  for (const absl::string_view identifier :
       {input.email, input.phone, input.email_hash, input.phone_hash}) {
    if (!identifier.empty()) ++set;
  }
  if (set == 1) return absl::OkStatus();
  if (set == 0) {
    return MakeError(identity::v1::DII_MISSING,
                     "no user is identified; set one of email, phone, email_hash and phone_hash");
  }
  std::vector<absl::string_view> names;
  if (!input.email.empty()) names.push_back("email");
  if (!input.phone.empty()) names.push_back("phone");
  if (!input.email_hash.empty()) names.push_back("email_hash");
  if (!input.phone_hash.empty()) names.push_back("phone_hash");
  return MakeError(identity::v1::DII_AMBIGUOUS,
                   absl::StrCat(absl::StrJoin(names, " and "),
                                " are set and may identify different users; set exactly one"));
}

absl::StatusOr<std::string> HashText(absl::string_view text) {
  const absl::StatusOr<Sha256Digest> digest = Sha256(text);
  if (!digest.ok()) return digest.status();
  return EncodeBase64(absl::string_view(digest->data(), digest->size()));
}

absl::StatusOr<std::string> HashEmail(absl::string_view email, DiiPolicy policy) {
  const absl::StatusOr<std::string> normalized = NormalizeEmail(email, policy);
  if (!normalized.ok()) return normalized.status();
  return HashText(*normalized);
}

absl::StatusOr<std::string> HashPhone(absl::string_view phone) {
  if (absl::Status status = CheckPhone(phone); !status.ok()) return status;
  return HashText(phone);
}

}  // namespace

absl::StatusOr<HashedDii> HashDii(const DiiInput& input, DiiPolicy policy) {
  if (absl::Status status = CheckExactlyOneIsSet(input); !status.ok()) return status;
  const DiiKind kind =
      input.email.empty() && input.email_hash.empty() ? DiiKind::kPhone : DiiKind::kEmail;
  absl::StatusOr<std::string> hash = !input.email.empty()   ? HashEmail(input.email, policy)
                                     : !input.phone.empty() ? HashPhone(input.phone)
                                     : !input.email_hash.empty()
                                         ? CanonicalHash(input.email_hash, kind, policy)
                                         : CanonicalHash(input.phone_hash, kind, policy);
  if (!hash.ok()) return hash.status();
  return HashedDii{kind, *std::move(hash)};
}

}  // namespace uid2
