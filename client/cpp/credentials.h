// SPDX-License-Identifier: Apache-2.0

#ifndef CLIENT_CPP_CREDENTIALS_H_
#define CLIENT_CPP_CREDENTIALS_H_

#include <grpcpp/security/credentials.h>

#include <memory>

#include "absl/status/statusor.h"
#include "client/cpp/channel_options.h"

namespace uid2::client {

// Checks the TLS options of a channel and the files that they name, and returns its credentials.
// The files are read again every two seconds: connections that are opened later use what they then
// contain. So put a renewed certificate and its key into place together; while they do not match,
// no connection can be opened. A file that is missing meanwhile changes nothing.
//
// Fails with kNotFound if a file cannot be read or is not what it should be, and with
// kInvalidArgument if options do not go together, or a certificate and its key do not. The message
// names the option or the file. Dates are not checked, because a renewed certificate may follow.
absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> MakeCredentials(
    const ChannelOptions& options);

}  // namespace uid2::client

#endif  // CLIENT_CPP_CREDENTIALS_H_
