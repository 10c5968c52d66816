// SPDX-License-Identifier: Apache-2.0

#ifndef TESTS_BENCH_CREDENTIALS_H_
#define TESTS_BENCH_CREDENTIALS_H_

#include <string>

namespace uid2::bench {

// The credentials that the operator and its client share during a benchmark run.
struct Credentials {
  std::string api_key;
  // 32 bytes.
  std::string client_secret;
};

// Reads `folder`/api_key and `folder`/client_secret (base64). The layout is that of the service's
// own credentials, so all programs of a run can use the same folder. Exits the process on failure.
Credentials ReadCredentials(const std::string& folder);

}  // namespace uid2::bench

#endif  // TESTS_BENCH_CREDENTIALS_H_
