#ifndef TESTS_BENCH_SAMPLE_IDENTITY_H_
#define TESTS_BENCH_SAMPLE_IDENTITY_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace uid2::bench {

// An identity with fields as long as the operator's (protocol facts: advertising token 218
// characters, refresh token 388, response key 44) and no meaning.

// 32 bytes; every sample identity has the same.
absl::string_view SampleRefreshResponseKey();

// The identity object, good for an hour from `now_ms` (Unix milliseconds) on.
std::string SampleIdentityJson(int64_t now_ms);

// A serialised GenerateIdentityResponse that issues that identity.
std::string SampleGenerateResponse(int64_t now_ms);

// What a client seals for the operator: one hash, as the service does.
absl::string_view SampleGeneratePayload();

}  // namespace uid2::bench

#endif  // TESTS_BENCH_SAMPLE_IDENTITY_H_
