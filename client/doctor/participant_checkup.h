// SPDX-License-Identifier: Apache-2.0

#ifndef CLIENT_DOCTOR_PARTICIPANT_CHECKUP_H_
#define CLIENT_DOCTOR_PARTICIPANT_CHECKUP_H_

#include <memory>
#include <string>

#include "client/doctor/finding.h"
#include "server/call/clock.h"
#include "server/config/configuration.h"
#include "server/http/http_client_options.h"
#include "server/http/tls/trust_store.h"

namespace uid2::doctor {

// The participant to check.
struct CheckupSubject {
  const ParticipantConfiguration& participant;
  const HttpClientOptions& http;
  std::shared_ptr<const TrustStore> authorities;
};

// Checks one participant, from its credential files to an identity from each address of its
// operator. The arguments must outlive the call.
void ExamineParticipant(const CheckupSubject& subject, const Clock& clock, const FindingSink& sink);

}  // namespace uid2::doctor

#endif  // CLIENT_DOCTOR_PARTICIPANT_CHECKUP_H_
