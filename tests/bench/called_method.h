// SPDX-License-Identifier: Apache-2.0

#ifndef TESTS_BENCH_CALLED_METHOD_H_
#define TESTS_BENCH_CALLED_METHOD_H_

#include <grpcpp/support/byte_buffer.h>

#include <cstdint>

#include "absl/strings/string_view.h"

namespace uid2::bench {

// A method of the service as the load generator calls it, with serialized messages.
struct CalledMethod {
  // The path of gRPC: "/PACKAGE.SERVICE/METHOD".
  const char* path;
  // A request that differs for each `user`, so that no two calls can share a call to the operator.
  grpc::ByteBuffer (*request)(uint64_t user);
  // Whether the reply contains a new identity, as each reply of the operator stub does.
  bool (*is_issued)(const grpc::ByteBuffer& reply);
};

// `name` is "generate" or "refresh"; ends the program otherwise. Each refresh calls the operator,
// whether it is due or not.
const CalledMethod& MethodNamed(absl::string_view name);

}  // namespace uid2::bench

#endif  // TESTS_BENCH_CALLED_METHOD_H_
