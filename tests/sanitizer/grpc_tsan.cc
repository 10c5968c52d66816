// SPDX-License-Identifier: Apache-2.0

// Tells ThreadSanitizer about an ordering that gRPC guarantees: everything done before an operation
// starts is visible to the thread that takes its tag from the completion queue. ThreadSanitizer
// cannot see this itself, because an uninstrumented library passes the tag through lock-free
// queues. The callback API is built on the same functions.

#include <grpc/grpc.h>
#include <sanitizer/tsan_interface.h>

#include "tests/sanitizer/behind.h"

using ::uid2::sanitizer::Behind;

extern "C" {

grpc_call_error grpc_call_start_batch(grpc_call* call, const grpc_op* ops, size_t nops, void* tag,
                                      void* reserved) {
  static auto* const behind = Behind<decltype(grpc_call_start_batch)>(__func__);
  __tsan_release(tag);
  return behind(call, ops, nops, tag, reserved);
}

grpc_call_error grpc_server_request_call(grpc_server* server, grpc_call** call,
                                         grpc_call_details* details, grpc_metadata_array* metadata,
                                         grpc_completion_queue* bound_queue,
                                         grpc_completion_queue* notification_queue, void* tag) {
  static auto* const behind = Behind<decltype(grpc_server_request_call)>(__func__);
  __tsan_release(tag);
  return behind(server, call, details, metadata, bound_queue, notification_queue, tag);
}

grpc_call_error grpc_server_request_registered_call(
    grpc_server* server, void* method, grpc_call** call, gpr_timespec* deadline,
    grpc_metadata_array* metadata, grpc_byte_buffer** payload, grpc_completion_queue* bound_queue,
    grpc_completion_queue* notification_queue, void* tag) {
  static auto* const behind = Behind<decltype(grpc_server_request_registered_call)>(__func__);
  __tsan_release(tag);
  return behind(server, method, call, deadline, metadata, payload, bound_queue, notification_queue,
                tag);
}

grpc_event grpc_completion_queue_next(grpc_completion_queue* queue, gpr_timespec deadline,
                                      void* reserved) {
  static auto* const behind = Behind<decltype(grpc_completion_queue_next)>(__func__);
  const grpc_event event = behind(queue, deadline, reserved);
  if (event.type == GRPC_OP_COMPLETE) __tsan_acquire(event.tag);
  return event;
}

grpc_event grpc_completion_queue_pluck(grpc_completion_queue* queue, void* tag,
                                       gpr_timespec deadline, void* reserved) {
  static auto* const behind = Behind<decltype(grpc_completion_queue_pluck)>(__func__);
  const grpc_event event = behind(queue, tag, deadline, reserved);
  if (event.type == GRPC_OP_COMPLETE) __tsan_acquire(tag);
  return event;
}

}  // extern "C"
