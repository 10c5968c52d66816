#ifndef TESTS_BENCH_CREDENTIALS_H_
#define TESTS_BENCH_CREDENTIALS_H_

#include <string>

namespace uid2::bench {

// What the operator and its client share for one benchmark run.
struct Credentials {
  std::string api_key;
  // 32 bytes.
  std::string client_secret;
};

// Reads `folder`/api_key and `folder`/client_secret (base64), laid out as the service wants its
// own, so that one folder serves every program of a run. Ends the process where it cannot.
Credentials ReadCredentials(const std::string& folder);

}  // namespace uid2::bench

#endif  // TESTS_BENCH_CREDENTIALS_H_
