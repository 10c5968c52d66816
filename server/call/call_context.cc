// SPDX-License-Identifier: Apache-2.0

#include "server/call/call_context.h"

namespace uid2 {

void CallContext::Extend(TimePoint deadline) {
  TimePoint before = this->deadline();
  while (before < deadline &&
         !deadline_.compare_exchange_weak(before, deadline, std::memory_order_relaxed)) {
  }
}

}  // namespace uid2
