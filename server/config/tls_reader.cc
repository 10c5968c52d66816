// SPDX-License-Identifier: Apache-2.0

#include "server/config/tls_reader.h"

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "server/secrets/certificate_set.h"
#include "server/secrets/private_folder.h"

namespace uid2 {
namespace {

using identity::config::v1::ServerConfig;
using identity::config::v1::Tls;

constexpr char kRuntimeDir[] = "runtime_dir";

const char* FieldOf(LoadedCertificateSet::File file) {
  switch (file) {
    case LoadedCertificateSet::File::kCertificate:
      return "certificate_file";
    case LoadedCertificateSet::File::kPrivateKey:
      return "private_key_file";
    case LoadedCertificateSet::File::kClientCa:
      return "client_ca_file";
  }
  return "tls";
}

// Returns whether both files are named.
bool RequireFiles(const Tls& proto, ConfigChecker& tls) {
  if (proto.certificate_file().empty()) {
    tls.Problem("certificate_file", "is missing; name a PEM file with the server's certificate");
  }
  if (proto.private_key_file().empty()) {
    tls.Problem("private_key_file",
                "is missing; name a PEM file with the private key of the server's certificate");
  }
  return !proto.certificate_file().empty() && !proto.private_key_file().empty();
}

void CheckFiles(const CertificateFiles& files, absl::Time now, ConfigChecker& tls) {
  const LoadedCertificateSet loaded = LoadCertificateSet(files, now);
  for (const LoadedCertificateSet::Problem& problem : loaded.problems) {
    tls.Problem(FieldOf(problem.file), problem.text);
  }
  if (!loaded.set.has_value()) return;
  for (const std::string& notice : loaded.set->notices) tls.Notice("client_ca_file", notice);
}

}  // namespace

bool AuthenticatesClients(const ServerConfig& config) {
  return !config.tls().client_ca_file().empty();
}

void ReadTls(const ConfigSource& source, absl::Time now, ConfigChecker& check,
             Configuration& result) {
  const ServerConfig& config = source.config();
  if (!config.has_tls()) {
    if (!config.runtime_dir().empty()) {
      check.Notice(kRuntimeDir, "has no effect without `tls`");
    }
    return;
  }
  const Tls& proto = config.tls();
  ConfigChecker tls = check.Nested("tls", proto);
  const bool has_files = RequireFiles(proto, tls);
  TlsConfiguration& read = result.tls.emplace();
  read.files.certificate = tls.Path("certificate_file", proto.certificate_file());
  read.files.private_key = tls.Path("private_key_file", proto.private_key_file());
  read.files.client_ca = tls.Path("client_ca_file", proto.client_ca_file());
  if (has_files) CheckFiles(read.files, now, tls);
  if (read.authenticates_clients() && config.insecure()) {
    check.Notice("insecure", "has no effect, because clients are authenticated; remove it");
  }
  if (config.runtime_dir().empty()) {
    check.Problem(kRuntimeDir,
                  "is missing; `tls` needs a folder that only this server uses, preferably in "
                  "memory, such as \"/run/identity-server\"");
    return;
  }
  read.runtime_dir = check.Path(kRuntimeDir, config.runtime_dir());
  const absl::Status folder = PrivateFolder::Check(read.runtime_dir);
  if (!folder.ok()) check.Problem(kRuntimeDir, folder.message());
}

}  // namespace uid2
