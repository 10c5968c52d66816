// SPDX-License-Identifier: Apache-2.0

#include "client/cli/dii_report.h"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "client/cli/report_text.h"
#include "server/dii/dii.h"
#include "server/dii/email.h"

namespace uid2::cli {

absl::StatusOr<NormalizedDii> NormalizeDii(const identity::v1::GenerateIdentityRequest& request,
                                           DiiPolicy policy) {
  const DiiInput input = {request.email(), request.phone(), request.email_hash(),
                          request.phone_hash()};
  const absl::StatusOr<HashedDii> hashed = HashDii(input, policy);
  if (!hashed.ok()) return hashed.status();
  NormalizedDii result;
  result.hash = hashed->hash;
  std::string bytes;
  if (absl::Base64Unescape(hashed->hash, &bytes)) result.hex_hash = absl::BytesToHexString(bytes);
  if (!request.email().empty()) {
    absl::StatusOr<std::string> normalized = NormalizeEmail(request.email(), policy);
    if (!normalized.ok()) return normalized.status();
    result.kind = "email";
    result.normalized = *std::move(normalized);
  } else if (!request.phone().empty()) {
    result.kind = "phone";
    result.normalized = request.phone();
  } else {
    result.kind = request.email_hash().empty() ? "phone_hash" : "email_hash";
  }
  return result;
}

std::string ToText(const NormalizedDii& dii) {
  std::string text;
  AppendLine(text, "kind", dii.kind);
  if (!dii.normalized.empty()) AppendLine(text, "normalized", dii.normalized);
  AppendLine(text, "hash", dii.hash);
  AppendLine(text, "hex_hash", dii.hex_hash);
  return text;
}

std::string ToJson(const NormalizedDii& dii) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> json(buffer);
  const auto field = [&json](const char* name, const std::string& value) {
    if (value.empty()) return;
    json.Key(name);
    json.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
  };
  json.StartObject();
  field("kind", dii.kind);
  field("normalized", dii.normalized);
  field("hash", dii.hash);
  field("hex_hash", dii.hex_hash);
  json.EndObject();
  return absl::StrCat(buffer.GetString(), "\n");
}

}  // namespace uid2::cli
