// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/caller.h"

#include "absl/strings/str_cat.h"
#include "server/crypto/certificate.h"
#include "server/status/reason.h"

namespace uid2 {

absl::Status CheckCaller(const Caller& caller, absl::Time now) {
  if (caller.entry == nullptr) {
    return MakeError(identity::v1::CALLER_NOT_ALLOWED,
                     "no DNS or URI name of the client's certificate is on the server's list of "
                     "callers; the common name does not count");
  }
  if (now > caller.ends) {
    return MakeError(identity::v1::CALLER_NOT_ALLOWED,
                     absl::StrCat("the client's certificate expired on ", DateText(caller.ends),
                                  "; open a new connection with a new certificate"));
  }
  if (now < caller.begins) {
    return MakeError(identity::v1::CALLER_NOT_ALLOWED,
                     absl::StrCat("the client's certificate is not valid before ",
                                  DateText(caller.begins), "; check the clocks of both hosts"));
  }
  return absl::OkStatus();
}

}  // namespace uid2
