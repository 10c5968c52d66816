// SPDX-License-Identifier: Apache-2.0

#include "server/call/random_fraction.h"

#include "absl/random/random.h"

namespace uid2 {

double RandomFraction() {
  thread_local absl::InsecureBitGen generator;
  return absl::Uniform(generator, 0.0, 1.0);
}

}  // namespace uid2
