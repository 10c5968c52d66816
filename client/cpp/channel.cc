// SPDX-License-Identifier: Apache-2.0

#include "client/cpp/channel.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/channel_arguments.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/cpp/address.h"

namespace uid2::client {
namespace {

// A restarted replica gets calls again after a second or so. With gRPC's own maximum of two
// minutes, the other replicas would carry its share for that long.
constexpr int kFirstReconnectMs = 200;
constexpr int kMaxReconnectMs = 5000;

absl::StatusOr<std::string> ReadPem(absl::string_view option, const std::string& path,
                                    absl::string_view marker) {
  if (path.empty()) return std::string();
  std::ifstream file(path, std::ios::binary);
  std::ostringstream content;
  if (!file || !(content << file.rdbuf())) {
    return absl::NotFoundError(
        absl::StrCat(option, ": cannot read ", path, ": ", std::strerror(errno)));
  }
  std::string text = content.str();
  // gRPC would only log this, and then fail every call with a misleading connection error.
  if (!absl::StrContains(text, marker)) {
    return absl::NotFoundError(
        absl::StrCat(option, ": ", path, " is not a PEM file with a ", marker));
  }
  return text;
}

absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> MakeCredentials(
    const ChannelOptions& options) {
  if (options.certificate_file.empty() != options.key_file.empty()) {
    return absl::InvalidArgumentError(
        "a client certificate and its key belong together: set both files");
  }
  const bool tls = options.tls || !options.ca_file.empty() || !options.certificate_file.empty();
  if (!tls) {
    if (options.server_name.empty()) return grpc::InsecureChannelCredentials();
    return absl::InvalidArgumentError("a server name is only checked with TLS: turn TLS on");
  }
  absl::StatusOr<std::string> ca = ReadPem("CA file", options.ca_file, "CERTIFICATE");
  if (!ca.ok()) return ca.status();
  absl::StatusOr<std::string> certificate =
      ReadPem("certificate file", options.certificate_file, "CERTIFICATE");
  if (!certificate.ok()) return certificate.status();
  absl::StatusOr<std::string> key = ReadPem("key file", options.key_file, "PRIVATE KEY");
  if (!key.ok()) return key.status();
  grpc::SslCredentialsOptions ssl;
  ssl.pem_root_certs = *std::move(ca);
  ssl.pem_cert_chain = *std::move(certificate);
  ssl.pem_private_key = *std::move(key);
  return grpc::SslCredentials(ssl);
}

}  // namespace

const char kServiceConfig[] = R"({
  "loadBalancingConfig": [{"round_robin": {}}],
  "methodConfig": [{
    "name": [{"service": "uid2.identity.v1.IdentityService"}],
    "retryPolicy": {
      "maxAttempts": 3,
      "initialBackoff": "0.05s",
      "maxBackoff": "1s",
      "backoffMultiplier": 4,
      "retryableStatusCodes": ["UNAVAILABLE", "CANCELLED"]
    }
  }],
  "retryThrottling": {"maxTokens": 10, "tokenRatio": 0.1}
})";

absl::StatusOr<std::shared_ptr<grpc::Channel>> MakeChannel(const ChannelOptions& options) {
  const absl::StatusOr<std::string> target = TargetOf(options.address);
  if (!target.ok()) return target.status();
  absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> credentials = MakeCredentials(options);
  if (!credentials.ok()) return credentials.status();
  grpc::ChannelArguments arguments;
  arguments.SetServiceConfigJSON(kServiceConfig);
  // A DNS TXT record must not override the service config.
  arguments.SetInt(GRPC_ARG_SERVICE_CONFIG_DISABLE_RESOLUTION, 1);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kFirstReconnectMs);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kMaxReconnectMs);
  if (!options.server_name.empty()) arguments.SetSslTargetNameOverride(options.server_name);
  return grpc::CreateCustomChannel(*target, *credentials, arguments);
}

}  // namespace uid2::client
