// SPDX-License-Identifier: Apache-2.0

#ifndef TESTS_RPC_MUTUAL_TLS_H_
#define TESTS_RPC_MUTUAL_TLS_H_

#include <grpcpp/security/credentials.h>
#include <grpcpp/security/server_credentials.h>

#include <fstream>
#include <iterator>
#include <memory>
#include <string>

#include "tests/fakes/test_certificates.h"

namespace uid2::testing {

// gRPC's credentials for a server on 127.0.0.1 that authenticates its clients, and for the clients.
class MutualTls {
 public:
  std::shared_ptr<grpc::ServerCredentials> Server() const {
    const TestCertificate own = authority_.Issue("DNS:localhost,IP:127.0.0.1");
    grpc::SslServerCredentialsOptions options(
        GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
    options.pem_root_certs = authority_pem_;
    options.pem_key_cert_pairs.push_back({own.key, own.certificate});
    return grpc::SslServerCredentials(options);
  }

  // A client with a new certificate for these names, in the form that TestAuthority accepts. The
  // certificate is valid for an hour.
  std::shared_ptr<grpc::ChannelCredentials> Client(const std::string& names) const {
    const TestCertificate own = authority_.Issue(names);
    return grpc::SslCredentials({authority_pem_, own.key, own.certificate});
  }

 private:
  static std::string Read(const std::string& path) {
    std::ifstream file(path);
    return std::string(std::istreambuf_iterator<char>(file), {});
  }

  const TestAuthority authority_{"clients"};
  const std::string authority_pem_ = Read(authority_.CertificateFile());
};

}  // namespace uid2::testing

#endif  // TESTS_RPC_MUTUAL_TLS_H_
