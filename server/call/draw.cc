#include "server/call/draw.h"

#include "absl/random/random.h"

namespace uid2 {

double DrawUniform() {
  thread_local absl::InsecureBitGen generator;
  return absl::Uniform(generator, 0.0, 1.0);
}

}  // namespace uid2
