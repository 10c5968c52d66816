// SPDX-License-Identifier: Apache-2.0

#include "client/cli/outcome_report.h"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "client/cli/report_text.h"

namespace uid2::cli {
namespace {

using identity::v1::GenerateIdentityResponse;
using identity::v1::RefreshIdentityResponse;

}  // namespace

Outcome OutcomeOf(const GenerateIdentityResponse& response) {
  Outcome outcome;
  outcome.name = GenerateIdentityResponse::Outcome_Name(response.outcome());
  if (response.has_identity()) outcome.identity = &response.identity();
  if (response.outcome() == GenerateIdentityResponse::OPTED_OUT) {
    outcome.advice = "the user has opted out: there is no identity, and a retry will not give one";
  } else if (response.outcome() == GenerateIdentityResponse::INSUFFICIENT_CONSENT) {
    outcome.advice = "the consent string does not cover what the operator needs";
  }
  return outcome;
}

Outcome OutcomeOf(const RefreshIdentityResponse& response) {
  Outcome outcome;
  outcome.name = RefreshIdentityResponse::Outcome_Name(response.outcome());
  if (response.has_identity()) outcome.identity = &response.identity();
  outcome.kept_reason = response.kept_reason();
  if (response.outcome() == RefreshIdentityResponse::OPTED_OUT) {
    outcome.advice = "the user has opted out: discard the identity";
  } else if (response.outcome() == RefreshIdentityResponse::LOGIN_REQUIRED) {
    outcome.advice =
        "discard the identity; a new one requires the user's email or phone (generate)";
  } else if (response.outcome() == RefreshIdentityResponse::KEPT) {
    outcome.advice = "the refresh failed, but the identity is still valid: try again later";
  }
  return outcome;
}

std::string ToText(const Outcome& outcome, absl::Time now) {
  std::string text;
  AppendLine(text, "outcome", outcome.name);
  if (outcome.kept_reason != identity::v1::ERROR_REASON_UNSPECIFIED) {
    AppendLine(text, "kept_reason", identity::v1::ErrorReason_Name(outcome.kept_reason));
  }
  if (!outcome.advice.empty()) AppendLine(text, "meaning", outcome.advice);
  if (outcome.identity == nullptr) return text;
  const identity::v1::Identity& identity = *outcome.identity;
  AppendLine(text, "advertising_token", Shortened(identity.advertising_token()));
  AppendLine(text, "refresh_token", Shortened(identity.refresh_token()));
  AppendLine(text, "refresh_from", Instant(identity.refresh_from(), now));
  AppendLine(text, "identity_expires", Instant(identity.identity_expires(), now));
  AppendLine(text, "refresh_expires", Instant(identity.refresh_expires(), now));
  return text;
}

std::string ToJson(const Outcome& outcome) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> json(buffer);
  json.StartObject();
  json.Key("outcome");
  json.String(outcome.name.c_str());
  if (outcome.kept_reason != identity::v1::ERROR_REASON_UNSPECIFIED) {
    json.Key("kept_reason");
    json.String(identity::v1::ErrorReason_Name(outcome.kept_reason).c_str());
  }
  if (outcome.identity != nullptr) {
    // Exactly as the service wrote it: numbers keep their text, and unknown fields are preserved.
    const std::string& raw = outcome.identity->json();
    json.Key("identity");
    json.RawValue(raw.data(), raw.size(), rapidjson::kObjectType);
  }
  json.EndObject();
  return std::string(buffer.GetString(), buffer.GetSize());
}

}  // namespace uid2::cli
