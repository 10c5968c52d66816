// SPDX-License-Identifier: Apache-2.0

#include "tests/bench/mutual_tls.h"

#include <fstream>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "tests/bench/check.h"

namespace uid2::bench {
namespace {

std::string Read(const std::string& folder, absl::string_view name) {
  const std::string path = absl::StrCat(folder, "/", name);
  std::ifstream file(path);
  Check(file.good(), absl::StrCat("cannot read ", path));
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace

std::shared_ptr<grpc::ServerCredentials> ServerSide(const std::string& folder) {
  if (folder.empty()) return grpc::InsecureServerCredentials();
  grpc::SslServerCredentialsOptions options(
      GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  options.pem_root_certs = Read(folder, "ca.pem");
  options.pem_key_cert_pairs.push_back({Read(folder, "server.key"), Read(folder, "server.pem")});
  return grpc::SslServerCredentials(options);
}

std::shared_ptr<grpc::ChannelCredentials> ClientSide(const std::string& folder) {
  if (folder.empty()) return grpc::InsecureChannelCredentials();
  return grpc::SslCredentials(
      {Read(folder, "ca.pem"), Read(folder, "bench.key"), Read(folder, "bench.pem")});
}

}  // namespace uid2::bench
