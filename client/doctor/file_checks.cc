// SPDX-License-Identifier: Apache-2.0

#include "client/doctor/file_checks.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/crypto/certificate.h"
#include "server/http/tls/trust_store.h"

namespace uid2::doctor {
namespace {

constexpr char kCredentialFiles[] = "credential_files";
constexpr char kCaFile[] = "ca_file";

// Long enough to distribute an authority's next certificate to every machine that trusts it.
constexpr absl::Duration kRenewalTime = absl::Hours(14 * 24);

}  // namespace

bool EverybodyCanRead(const std::string& path) {
  struct stat file;
  return stat(path.c_str(), &file) == 0 && (file.st_mode & S_IROTH) != 0;
}

Finding CheckCredentialFiles(const std::string& directory) {
  for (const char* name : {"/api_key", "/client_secret", ""}) {
    const std::string path = absl::StrCat(directory, name);
    struct stat file;
    if (stat(path.c_str(), &file) != 0) {
      return {Severity::kError, kCredentialFiles,
              absl::StrCat("cannot access ", path, ": ", std::strerror(errno)),
              "run the doctor as the user that runs the server", ""};
    }
    // Reading a folder is harmless; what matters is who can change it. In a sticky folder, such as
    // a Kubernetes secret volume, users cannot replace each other's files.
    const bool is_folder = S_ISDIR(file.st_mode);
    if ((file.st_mode & S_IWOTH) != 0 && !(is_folder && (file.st_mode & S_ISVTX) != 0)) {
      return {Severity::kWarning, kCredentialFiles,
              absl::StrCat("every user of this machine can change ", path),
              absl::StrCat("chmod o-w ", path), ""};
    }
    if (!is_folder && (file.st_mode & S_IROTH) != 0) {
      return {
          Severity::kWarning, kCredentialFiles,
          absl::StrCat("every user of this machine can read ", path),
          absl::StrCat("chmod o-rwx ", path, "; in Kubernetes, set defaultMode: 0440 and fsGroup"),
          ""};
    }
  }
  return {
      Severity::kOk, kCredentialFiles,
      absl::StrCat("only their owner and group can read api_key and client_secret in ", directory),
      "", ""};
}

Finding CheckAuthorities(const std::string& file, bool needed, absl::Time now) {
  const std::string path = file.empty() ? TrustStore::kSystemFile : file;
  const absl::StatusOr<std::vector<CertificateSummary>> certificates = ReadCertificates(path);
  if (!certificates.ok() && !needed) {
    return {Severity::kSkipped, kCaFile, "no operator is called over TLS", "", ""};
  }
  if (!certificates.ok()) {
    return {Severity::kError, kCaFile, std::string(certificates.status().message()),
            file.empty() ? "install the package ca-certificates"
                         : "name a PEM file in operator_connection.ca_file",
            ""};
  }
  // A system's bundle always contains some old certificates, which the distribution takes care of.
  const auto first_to_end =
      std::min_element(certificates->begin(), certificates->end(),
                       [](const auto& a, const auto& b) { return a.ends < b.ends; });
  const auto last_to_end =
      std::max_element(certificates->begin(), certificates->end(),
                       [](const auto& a, const auto& b) { return a.ends < b.ends; });
  if (last_to_end->ends <= now) {
    return {Severity::kError, kCaFile,
            absl::StrCat("all certificates in ", path, " have expired, the last on ",
                         DateText(last_to_end->ends)),
            "put the authority's current certificate there; if this host's date is wrong, set its "
            "clock",
            ""};
  }
  if (!file.empty() && first_to_end->ends <= now + kRenewalTime) {
    return {Severity::kWarning, kCaFile,
            absl::StrCat(first_to_end->subject, " in ", path,
                         first_to_end->ends <= now ? " has expired on " : " expires on ",
                         DateText(first_to_end->ends)),
            "add the authority's next certificate to the file", ""};
  }
  return {Severity::kOk, kCaFile,
          absl::StrCat(certificates->size(), " certificates in ", path,
                       file.empty() ? " (the system's)" : ""),
          "", ""};
}

}  // namespace uid2::doctor
