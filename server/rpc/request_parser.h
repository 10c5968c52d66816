// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_RPC_REQUEST_PARSER_H_
#define SERVER_RPC_REQUEST_PARSER_H_

#include <google/protobuf/message.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/slice.h>

#include "absl/status/status.h"

namespace uid2 {

// Parses a request into `request`. Otherwise returns REQUEST_MALFORMED, which names the field if
// its value is not UTF-8. Unlike libprotobuf's own check of UTF-8, this writes nothing to stderr.
// Checks the fields of `request` itself, not those of messages in it.
absl::Status ParseRequest(const grpc::Slice& bytes, google::protobuf::Message& request);
absl::Status ParseRequest(grpc::ByteBuffer& bytes, google::protobuf::Message& request);

}  // namespace uid2

#endif  // SERVER_RPC_REQUEST_PARSER_H_
