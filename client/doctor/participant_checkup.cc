// SPDX-License-Identifier: Apache-2.0

#include "client/doctor/participant_checkup.h"

#include "absl/strings/string_view.h"
#include "client/doctor/address_checkup.h"
#include "client/doctor/file_checks.h"

namespace uid2::doctor {

void ExamineParticipant(const CheckupSubject& subject, const Clock& clock,
                        const FindingSink& sink) {
  const ParticipantConfiguration& participant = subject.participant;
  Finding files = CheckCredentialFiles(participant.credentials_dir);
  files.participant = participant.name;
  const absl::string_view failed = files.severity == Severity::kError ? "credential_files" : "";
  sink(files);
  const bool several = participant.operator_urls.size() > 1;
  for (const std::string& url : participant.operator_urls) {
    const FindingSink report = [&](Finding finding) {
      finding.participant = participant.name;
      if (several) finding.address = url;
      sink(finding);
    };
    const AddressSubject address = {
        url,          participant.credentials, participant.scope, participant.credentials_dir,
        subject.http, subject.authorities};
    AddressCheckup(address, clock, report).Run(failed);
  }
}

}  // namespace uid2::doctor
