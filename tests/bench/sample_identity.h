// SPDX-License-Identifier: Apache-2.0

#ifndef TESTS_BENCH_SAMPLE_IDENTITY_H_
#define TESTS_BENCH_SAMPLE_IDENTITY_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace uid2::bench {

// A meaningless identity whose fields are as long as the operator's: advertising token 218
// characters, refresh token 388, response key 44.

// 32 bytes. The same in every sample identity.
absl::string_view SampleRefreshResponseKey();

// The identity object, valid for one hour from `now_ms` (Unix milliseconds). The refresh token
// differs for each `user` below a billion.
std::string SampleIdentityJson(int64_t now_ms, uint64_t user = 0);

// A serialized GenerateIdentityResponse that issues that identity.
std::string SampleGenerateResponse(int64_t now_ms);

// The payload that a client seals for the operator: one hash, as the service sends it.
absl::string_view SampleGeneratePayload();

}  // namespace uid2::bench

#endif  // TESTS_BENCH_SAMPLE_IDENTITY_H_
