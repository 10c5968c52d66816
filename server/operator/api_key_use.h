// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_OPERATOR_API_KEY_USE_H_
#define SERVER_OPERATOR_API_KEY_USE_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/identity/scope.h"
#include "server/operator/operator_credentials.h"

namespace uid2 {

// Whether the scope, role and environment that an API key names, as in "UID2-C-I-123-abcdef.",
// match its use. Old keys name nothing. The meaning of the letters is our interpretation, so a
// mismatch is only a reason for a warning: the operator decides.
struct ApiKeyUse {
  bool matches = true;
  // If it matches, what the key is for: "for UID2, integration". Otherwise, the mismatch: "the key
  // is for ...". Contains the scope and the environment of the key, and nothing else of it.
  std::string text;
  // Empty if it matches.
  std::string fix = {};
};

// `scope` is the configured one; `host` is the host in operator_url; `folder` is the one with the
// key.
ApiKeyUse CheckApiKeyUse(const OperatorCredentials& credentials, Scope scope,
                         absl::string_view host, absl::string_view folder);

// Everything in the text of the API key that is probably a mistake, one line each. Leaves out what
// only the host in one of `operator_urls` can have caused.
std::vector<std::string> DoubtsAboutApiKey(const OperatorCredentials& credentials, Scope scope,
                                           const std::vector<std::string>& operator_urls,
                                           absl::string_view folder);

}  // namespace uid2

#endif  // SERVER_OPERATOR_API_KEY_USE_H_
