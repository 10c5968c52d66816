// SPDX-License-Identifier: Apache-2.0

#include "client/cpp/credentials.h"

#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <openssl/err.h>
#include <openssl/x509.h>

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "server/crypto/pem.h"
#include "server/event/regular_file.h"

namespace uid2::client {
namespace {

// How often gRPC reads the files again, in seconds.
constexpr unsigned int kReadInterval = 2;
// The system's file of authorities has 200 KB.
constexpr size_t kMaxFileSize = size_t{1} << 20;

// `parse` gets the content of the file.
template <typename Parse>
auto ReadPem(absl::string_view option, const std::string& path, Parse parse)
    -> decltype(parse("")) {
  const absl::StatusOr<std::string> text = ReadRegularFile(path, kMaxFileSize);
  if (!text.ok()) {
    return absl::NotFoundError(
        absl::StrCat(option, ": cannot read ", path, ": ", text.status().message()));
  }
  auto parsed = parse(*text);
  if (parsed.ok()) return parsed;
  return absl::NotFoundError(
      absl::StrCat(option, ": cannot use ", path, ": ", parsed.status().message()));
}

// gRPC would only log what is wrong, and then fail every call with a misleading connection error.
absl::Status CheckFiles(const ChannelOptions& options) {
  if (!options.ca_file.empty()) {
    const auto authorities = ReadPem("CA file", options.ca_file, &ReadPemCertificates);
    if (!authorities.ok()) return authorities.status();
  }
  if (options.certificate_file.empty()) return absl::OkStatus();
  const auto chain = ReadPem("certificate file", options.certificate_file, &ReadPemCertificates);
  if (!chain.ok()) return chain.status();
  const auto key = ReadPem("key file", options.key_file, &ReadPemPrivateKey);
  if (!key.ok()) return key.status();
  const bool match = X509_check_private_key(chain->front().get(), key->get()) == 1;
  ERR_clear_error();
  if (match) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "key file: the key in ", options.key_file, " does not belong to the first certificate in ",
      options.certificate_file, ": set the two files that were issued together"));
}

std::shared_ptr<grpc::ChannelCredentials> FollowFiles(const ChannelOptions& options) {
  grpc::experimental::TlsChannelCredentialsOptions tls;
  if (!options.ca_file.empty()) tls.watch_root_certs();
  if (!options.certificate_file.empty()) tls.watch_identity_key_cert_pairs();
  // Without its own authorities, gRPC uses the system's.
  if (!options.ca_file.empty() || !options.certificate_file.empty()) {
    tls.set_certificate_provider(
        std::make_shared<grpc::experimental::FileWatcherCertificateProvider>(
            options.key_file, options.certificate_file, options.ca_file, kReadInterval));
  }
  return grpc::experimental::TlsCredentials(tls);
}

}  // namespace

absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> MakeCredentials(
    const ChannelOptions& options) {
  if (options.certificate_file.empty() != options.key_file.empty()) {
    return absl::InvalidArgumentError(
        "a client certificate and its key belong together: set both files");
  }
  if (!options.UsesTls()) {
    if (options.server_name.empty()) return grpc::InsecureChannelCredentials();
    return absl::InvalidArgumentError("a server name is only checked with TLS: turn TLS on");
  }
  if (absl::Status status = CheckFiles(options); !status.ok()) return status;
  return FollowFiles(options);
}

}  // namespace uid2::client
