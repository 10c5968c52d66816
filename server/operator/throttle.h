#ifndef SERVER_OPERATOR_THROTTLE_H_
#define SERVER_OPERATOR_THROTTLE_H_

#include "absl/time/time.h"

namespace uid2 {

struct ThrottleOptions {
  // How far back attempts count. Longer than an attempt may take, or else failures would be
  // forgotten before they are known; short, so that recovery is noticed soon.
  absl::Duration window = absl::Seconds(10);
  // Nothing is held back before this many attempts have failed within the window.
  int least_failures = 10;
  // Never more than this share of calls is held back, so that probes always flow.
  double most_held_back = 0.9;
};

}  // namespace uid2

#endif  // SERVER_OPERATOR_THROTTLE_H_
