// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_CALL_RANDOM_FRACTION_H_
#define SERVER_CALL_RANDOM_FRACTION_H_

namespace uid2 {

// Returns a random number from [0, 1). For jitter and sampling, never for secrets. Thread-safe and
// cheap.
double RandomFraction();

}  // namespace uid2

#endif  // SERVER_CALL_RANDOM_FRACTION_H_
