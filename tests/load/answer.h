// SPDX-License-Identifier: Apache-2.0

#ifndef TESTS_LOAD_ANSWER_H_
#define TESTS_LOAD_ANSWER_H_

#include <grpcpp/support/status.h>

#include <string>

#include "uid2/identity/v1/identity_service.pb.h"

namespace uid2::load {

// The result of a call, as one word without spaces:
//
//   - the outcome ("ISSUED"), followed by the reason if it is KEPT ("KEPT:OPERATOR_TIMEOUT");
//   - the reason of an error ("OPERATOR_TIMEOUT");
//   - gRPC's code in lower case and its message, if the service gave no reason
//     ("unavailable:Socket_closed"). There is no message if the call was canceled or its deadline
//     expired;
//   - "INCOMPLETE" for an OK response that lacks an identity or other field its outcome requires.
std::string AnswerOf(const grpc::Status& status,
                     const identity::v1::GenerateIdentityResponse& response);
std::string AnswerOf(const grpc::Status& status,
                     const identity::v1::RefreshIdentityResponse& response);

}  // namespace uid2::load

#endif  // TESTS_LOAD_ANSWER_H_
