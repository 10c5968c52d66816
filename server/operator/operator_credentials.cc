// SPDX-License-Identifier: Apache-2.0

#include "server/operator/operator_credentials.h"

#include <string>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"

namespace uid2 {
namespace {

constexpr absl::string_view kHeaderPrefix = "Authorization: Bearer ";

}  // namespace

absl::StatusOr<std::shared_ptr<const OperatorCredentials>> OperatorCredentials::New(
    const Credentials& credentials) {
  absl::StatusOr<std::unique_ptr<AesGcm>> client_secret =
      AesGcm::New(credentials.client_secret.Reveal());
  if (!client_secret.ok()) return client_secret.status();
  return absl::WrapUnique(
      new OperatorCredentials(Secret(absl::StrCat(kHeaderPrefix, credentials.api_key.Reveal())),
                              *std::move(client_secret)));
}

OperatorCredentials::OperatorCredentials(Secret authorization,
                                         std::unique_ptr<AesGcm> client_secret)
    : authorization_(std::move(authorization)), client_secret_(std::move(client_secret)) {}

absl::string_view OperatorCredentials::RevealApiKey() const {
  return authorization_.Reveal().substr(kHeaderPrefix.size());
}

}  // namespace uid2
