// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/identity_call_metrics.h"

#include <google/protobuf/descriptor.h>

#include <utility>

#include "server/status/reason.h"
#include "uid2/identity/v1/identity_service.grpc.pb.h"

namespace uid2 {
namespace {

namespace v1 = identity::v1;

const char* NameOf(DiiField field) {
  switch (field) {
    case DiiField::kNone:
      return "";
    case DiiField::kEmail:
      return "email";
    case DiiField::kPhone:
      return "phone";
    case DiiField::kEmailHash:
      return "email_hash";
    case DiiField::kPhoneHash:
      return "phone_hash";
  }
  return "";
}

Reason InvalidReasonOf(DiiField field) {
  switch (field) {
    case DiiField::kNone:
      return v1::DII_MISSING;
    case DiiField::kEmail:
      return v1::EMAIL_INVALID;
    case DiiField::kPhone:
      return v1::PHONE_NOT_E164;
    case DiiField::kEmailHash:
      return v1::EMAIL_HASH_INVALID;
    case DiiField::kPhoneHash:
      return v1::PHONE_HASH_INVALID;
  }
  return v1::DII_MISSING;
}

CallResult Failure(Reason reason) { return {CodeOf(reason), reason, 0}; }
CallResult Failure(absl::StatusCode code) { return {code, v1::ERROR_REASON_UNSPECIFIED, 0}; }

std::vector<Reason> OperatorSideReasons() {
  std::vector<Reason> reasons;
  const google::protobuf::EnumDescriptor& all = *v1::ErrorReason_descriptor();
  for (int i = 0; i < all.value_count(); ++i) {
    const auto reason = static_cast<Reason>(all.value(i)->number());
    if (IsOperatorSide(reason)) reasons.push_back(reason);
  }
  return reasons;
}

// How a call can end once the participant is known and the input is good.
void CreateResultsOfWork(const ResultCounters& counters,
                         const google::protobuf::EnumDescriptor& outcomes) {
  for (int i = 0; i < outcomes.value_count(); ++i) {
    const int outcome = outcomes.value(i)->number();
    const bool is_kept = &outcomes == v1::RefreshIdentityResponse::Outcome_descriptor() &&
                         outcome == v1::RefreshIdentityResponse::KEPT;
    // Zero means that the outcome is unspecified, and KEPT has a reason.
    if (outcome == 0 || is_kept) continue;
    counters.Create({absl::StatusCode::kOk, v1::ERROR_REASON_UNSPECIFIED, outcome});
  }
  for (const Reason reason : OperatorSideReasons()) counters.Create(Failure(reason));
  for (const absl::StatusCode code :
       {absl::StatusCode::kCancelled, absl::StatusCode::kDeadlineExceeded,
        absl::StatusCode::kInternal}) {
    counters.Create(Failure(code));
  }
}

void CreateResultsOfGenerate(const ResultCounters& counters, DiiField field) {
  counters.Create(Failure(InvalidReasonOf(field)));
  if (field == DiiField::kNone) return counters.Create(Failure(v1::DII_AMBIGUOUS));
  counters.Create(Failure(v1::CONSENT_STRING_INVALID));
  CreateResultsOfWork(counters, *v1::GenerateIdentityResponse::Outcome_descriptor());
}

void CreateResultsOfRefresh(const ResultCounters& counters) {
  for (const Reason reason : {v1::IDENTITY_MISSING, v1::IDENTITY_MALFORMED}) {
    counters.Create(Failure(reason));
  }
  for (const Reason reason : OperatorSideReasons()) {
    counters.Create({absl::StatusCode::kOk, reason, v1::RefreshIdentityResponse::KEPT});
  }
  CreateResultsOfWork(counters, *v1::RefreshIdentityResponse::Outcome_descriptor());
}

ResultCounters IdentityCalls(Metrics& metrics, const char* method, const std::string& participant,
                             DiiField field, const google::protobuf::EnumDescriptor& outcomes) {
  return ResultCounters(
      metrics, "identity_calls_total", "Calls of IdentityService that ended, by their result.",
      {{"method", method}, {"participant", participant}, {"dii", NameOf(field)}}, outcomes);
}

}  // namespace

IdentityCallMetrics::IdentityCallMetrics(Metrics& metrics, const char* method,
                                         const IdentityCallLabels& labels,
                                         const google::protobuf::EnumDescriptor& outcomes,
                                         const std::vector<DiiField>& fields)
    : method_(MethodMetrics::In(metrics, v1::IdentityService::service_full_name(), method)),
      without_participant_(IdentityCalls(metrics, method, "", DiiField::kNone, outcomes)),
      fields_(fields.size()) {
  for (const Reason reason :
       {v1::CALLER_NOT_ALLOWED, v1::CALLER_LIMIT, v1::OVERLOADED, v1::DRAINING,
        v1::REQUEST_MALFORMED, v1::PARTICIPANT_MISSING, v1::PARTICIPANT_UNKNOWN}) {
    without_participant_.Create(Failure(reason));
  }
  for (const std::string& participant : labels.participants) {
    for (const DiiField field : fields) {
      participants_.push_back(IdentityCalls(metrics, method, participant, field, outcomes));
    }
  }
  for (const std::string& caller : labels.callers) {
    callers_.emplace_back(metrics, "caller_calls_total",
                          "Calls of IdentityService that ended, by caller and result.",
                          Metrics::Labels{{"caller", caller}}, outcomes);
    for (const Reason reason : {v1::CALLER_NOT_ALLOWED, v1::CALLER_LIMIT}) {
      callers_.back().Create(Failure(reason));
    }
  }
}

IdentityCallMetrics IdentityCallMetrics::ForGenerate(Metrics& metrics,
                                                     const IdentityCallLabels& labels) {
  // In the order of their numbers.
  const std::vector<DiiField> fields = {DiiField::kNone, DiiField::kEmail, DiiField::kPhone,
                                        DiiField::kEmailHash, DiiField::kPhoneHash};
  IdentityCallMetrics group(metrics, kGenerate, labels,
                            *v1::GenerateIdentityResponse::Outcome_descriptor(), fields);
  for (size_t participant = 0; participant < labels.participants.size(); ++participant) {
    for (const DiiField field : fields) {
      CreateResultsOfGenerate(group.Of(participant, field), field);
    }
  }
  return group;
}

IdentityCallMetrics IdentityCallMetrics::ForRefresh(Metrics& metrics,
                                                    const IdentityCallLabels& labels) {
  IdentityCallMetrics group(metrics, kRefresh, labels,
                            *v1::RefreshIdentityResponse::Outcome_descriptor(), {DiiField::kNone});
  for (size_t participant = 0; participant < labels.participants.size(); ++participant) {
    CreateResultsOfRefresh(group.Of(participant));
  }
  return group;
}

const ResultCounters& IdentityCallMetrics::Of(size_t participant, DiiField field) const {
  return participants_[participant * fields_ + static_cast<size_t>(field)];
}

const ResultCounters* IdentityCallMetrics::OfCaller(size_t caller) const {
  return callers_.empty() ? nullptr : &callers_[caller];
}

}  // namespace uid2
