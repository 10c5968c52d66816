// SPDX-License-Identifier: Apache-2.0

#ifndef TESTS_BENCH_MUTUAL_TLS_H_
#define TESTS_BENCH_MUTUAL_TLS_H_

#include <grpcpp/security/credentials.h>
#include <grpcpp/security/server_credentials.h>

#include <memory>
#include <string>

namespace uid2::bench {

// Credentials for mTLS out of a folder that tools/certificates has written: the server's, which
// demand a client certificate, and those of the client "bench". If `folder` is empty, the
// connection is not encrypted. Ends the process if a file cannot be read.
std::shared_ptr<grpc::ServerCredentials> ServerSide(const std::string& folder);
std::shared_ptr<grpc::ChannelCredentials> ClientSide(const std::string& folder);

}  // namespace uid2::bench

#endif  // TESTS_BENCH_MUTUAL_TLS_H_
