// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_OPERATOR_RESILIENCE_ATTEMPT_WEIGHT_H_
#define SERVER_OPERATOR_RESILIENCE_ATTEMPT_WEIGHT_H_

namespace uid2 {

// The weight of an attempt that counts in full. Weights are integers, so that sums of parts, such
// as ten times a tenth, are exact.
constexpr int kFullWeight = 1000;

}  // namespace uid2

#endif  // SERVER_OPERATOR_RESILIENCE_ATTEMPT_WEIGHT_H_
