// SPDX-License-Identifier: Apache-2.0

#include "server/config/authorities_reader.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/http/tls/trust_store_file.h"
#include "server/http/url.h"

namespace uid2 {
namespace {

bool IsHttps(const std::string& text) {
  const absl::StatusOr<Url> url = ParseUrl(text);
  return url.ok() && url->scheme == "https";
}

// From the file itself: result.participants lacks those that have a problem.
bool UsesTls(const ConfigSource& source) {
  const auto& participants = source.config().participants();
  return std::any_of(participants.begin(), participants.end(), [](const auto& participant) {
    const auto& urls = participant.operator_url();
    return std::any_of(urls.begin(), urls.end(), IsHttps);
  });
}

}  // namespace

void ReadAuthorities(const ConfigSource& source, const std::string& system_authorities,
                     ConfigChecker& check, Configuration& result) {
  const identity::config::v1::OperatorConnection& proto = source.config().operator_connection();
  const bool asked = !proto.ca_file().empty();
  if (!asked && !UsesTls(source)) return;
  ConfigChecker nested = check.Nested("operator_connection", proto);
  const std::string file = nested.Path("ca_file", asked ? proto.ca_file() : system_authorities);
  if (asked) {
    result.ca_file = file;
  } else {
    nested.DerivedFrom("ca_file", "the system's authorities");
  }
  absl::StatusOr<TrustStoreFile::Content> content = TrustStoreFile::Read(file);
  if (content.ok()) {
    result.authorities = *std::move(content);
    return;
  }
  nested.Problem("ca_file", absl::StrCat(content.status().message(),
                                         asked ? "; name a PEM file with the certificates of the "
                                                 "authorities that sign the operator's certificate"
                                               : "; install the package ca-certificates, or set "
                                                 "ca_file"));
}

}  // namespace uid2
