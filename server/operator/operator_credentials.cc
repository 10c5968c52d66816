// SPDX-License-Identifier: Apache-2.0

#include "server/operator/operator_credentials.h"

#include <string>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "server/secrets/secret_access.h"

namespace uid2 {
namespace {

constexpr absl::string_view kHeaderPrefix = "Authorization: Bearer ";

}  // namespace

absl::StatusOr<std::shared_ptr<const OperatorCredentials>> OperatorCredentials::New(
    Credentials credentials) {
  constexpr SecretAccess kAccess;
  absl::StatusOr<std::unique_ptr<AesGcm>> client_secret =
      AesGcm::New(credentials.client_secret.Reveal(kAccess));
  if (!client_secret.ok()) return client_secret.status();
  Secret authorization(absl::StrCat(kHeaderPrefix, credentials.api_key.Reveal(kAccess)));
  return absl::WrapUnique(new OperatorCredentials(
      std::move(authorization), std::move(credentials.client_secret), *std::move(client_secret)));
}

OperatorCredentials::OperatorCredentials(Secret authorization, Secret client_secret_bytes,
                                         std::unique_ptr<AesGcm> client_secret)
    : authorization_(std::make_shared<const Secret>(std::move(authorization))),
      client_secret_bytes_(std::move(client_secret_bytes)),
      client_secret_(std::move(client_secret)) {}

absl::string_view OperatorCredentials::RevealApiKey(SecretAccess access) const {
  return authorization_->Reveal(access).substr(kHeaderPrefix.size());
}

bool OperatorCredentials::HasApiKeyOf(const OperatorCredentials& other) const {
  return *authorization_ == *other.authorization_;
}

bool OperatorCredentials::HasClientSecretOf(const OperatorCredentials& other) const {
  return client_secret_bytes_ == other.client_secret_bytes_;
}

}  // namespace uid2
