// SPDX-License-Identifier: Apache-2.0

#include "client/cpp/connection_hint.h"

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "server/status/reason.h"

namespace uid2::client {
namespace {

bool HasAny(absl::string_view text, std::initializer_list<absl::string_view> words) {
  for (const absl::string_view word : words) {
    if (absl::StrContains(text, word)) return true;
  }
  return false;
}

// Empty if gRPC's own message says enough.
std::string HintFor(absl::string_view message, const ChannelOptions& options) {
  if (HasAny(message, {"wrong version number"})) return "the server does not use TLS";
  if (HasAny(message, {"certificate verify failed"})) {
    return absl::StrCat("the server's certificate has expired, or its authority is not in ",
                        options.ca_file.empty() ? "the system's file" : options.ca_file);
  }
  if (HasAny(message, {"Hostname Verification"})) {
    return "the server's certificate is not for the name by which it was called";
  }
  if (!HasAny(message,
              {"Socket closed", "Endpoint read failed", "Connection reset", "handshake failed"})) {
    return "";
  }
  if (!options.UsesTls()) return "the server may require TLS, which is off";
  if (options.certificate_file.empty()) {
    return "the server may require a client certificate (mTLS), and none is set";
  }
  return absl::StrCat("the server may not trust the authority of the client certificate in ",
                      options.certificate_file, ", or the certificate has expired");
}

}  // namespace

absl::Status WithConnectionHint(const absl::Status& status, const ChannelOptions& options) {
  if (status.code() != absl::StatusCode::kUnavailable ||
      ReasonOf(status) != identity::v1::ERROR_REASON_UNSPECIFIED) {
    return status;
  }
  const std::string hint = HintFor(status.message(), options);
  if (hint.empty()) return status;
  return absl::UnavailableError(absl::StrCat(status.message(), "; ", hint));
}

}  // namespace uid2::client
