#ifndef CLIENT_DOCTOR_API_KEY_CHECK_H_
#define CLIENT_DOCTOR_API_KEY_CHECK_H_

#include "absl/strings/string_view.h"
#include "client/doctor/finding.h"

namespace uid2::doctor {

// Whether what a key says of itself, as in "UID2-C-I-123-abcdef.", goes with where it is sent:
// scope, role and environment. `scope` is the configuration's, "UID2" or "EUID"; `host` is
// operator_url's. Old keys say nothing. The meaning of the letters is our reading of them, so that
// what does not fit is a warning; the operator has the last word.
Finding CheckApiKey(absl::string_view key, absl::string_view scope, absl::string_view host);

}  // namespace uid2::doctor

#endif  // CLIENT_DOCTOR_API_KEY_CHECK_H_
