// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_IDENTITY_IDENTITY_H_
#define SERVER_IDENTITY_IDENTITY_H_

#include <cstdint>
#include <string>

namespace uid2 {

// A user's identity as issued by the operator. It is a bearer credential: never log it.
struct Identity {
  std::string advertising_token;
  std::string refresh_token;
  // Base64 of 32 bytes; empty for a legacy identity, whose refresh reply is not encrypted.
  std::string refresh_response_key;
  // Unix milliseconds.
  int64_t identity_expires = 0;
  int64_t refresh_from = 0;
  int64_t refresh_expires = 0;
  // The whole object as compact JSON that is safe inside a <script> element (see PageJsonWriter).
  std::string json;
};

}  // namespace uid2

#endif  // SERVER_IDENTITY_IDENTITY_H_
