// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_RPC_REFLECTION_H_
#define SERVER_RPC_REFLECTION_H_

#include <google/protobuf/descriptor.h>

#include <string>
#include <vector>

#include "grpc/reflection/v1/reflection.pb.h"

namespace uid2 {

// Answers questions about services and their messages from the descriptors in this program.
// Thread-safe.
class Reflection {
 public:
  // `services` are the full names of the services that are listed; their descriptors must be linked
  // in. `messages` are the full names of messages that no service mentions, such as error details.
  Reflection(std::vector<std::string> services, const std::vector<std::string>& messages);

  // A question that has no answer gets an ErrorResponse.
  grpc::reflection::v1::ServerReflectionResponse Answer(
      const grpc::reflection::v1::ServerReflectionRequest& request) const;

 private:
  const std::vector<std::string> services_;
  // Has copies of the descriptors, because the program's own pool remembers every name that it was
  // asked for in vain: a client could fill the memory with them.
  google::protobuf::DescriptorPool pool_;
};

}  // namespace uid2

#endif  // SERVER_RPC_REFLECTION_H_
