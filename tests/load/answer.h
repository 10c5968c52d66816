#ifndef TESTS_LOAD_ANSWER_H_
#define TESTS_LOAD_ANSWER_H_

#include <grpcpp/support/status.h>

#include <string>

#include "uid2/identity/v1/identity_service.pb.h"

namespace uid2::load {

// What a call came to, in one word without spaces: the outcome ("ISSUED"; a KEPT with its reason,
// "KEPT:OPERATOR_TIMEOUT"), the reason of an error ("OPERATOR_TIMEOUT"), or gRPC's own code in
// lower case and message where the service gave no reason ("unavailable:Socket_closed"; the
// message is left out where a caller's own leaving explains it). "INCOMPLETE" is an OK response
// that lacks what its outcome promises.
std::string AnswerOf(const grpc::Status& status,
                     const identity::v1::GenerateIdentityResponse& response);
std::string AnswerOf(const grpc::Status& status,
                     const identity::v1::RefreshIdentityResponse& response);

}  // namespace uid2::load

#endif  // TESTS_LOAD_ANSWER_H_
