// SPDX-License-Identifier: Apache-2.0

// Loads the input as a configuration file, with valid credentials beside it.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/config/configuration.h"
#include "tests/fakes/test_certificates.h"
#include "tests/fuzz/invariant.h"

namespace uid2 {
namespace {

using ::uid2::testing::Require;

// 2030-03-17. Certificates are checked as they would be used then.
constexpr int64_t kNow = 1900000000;

// A folder that lives as long as the process.
class Folder {
 public:
  Folder() {
    std::string path = (std::filesystem::temp_directory_path() / "config_fuzz.XXXXXX").string();
    Require(mkdtemp(path.data()) != nullptr, "a temporary folder can be made");
    path_ = path;
    std::filesystem::create_directory(path_ / "credentials");
    Write("credentials/api_key", "UID2-C-L-999-fCXrMM");
    Write("credentials/client_secret", "ioG3wKxAokmp+rERx6A4kM/13qhyolUXIu14WN16Spo=");
    std::filesystem::copy(testing::TestAuthority("Authority").CertificateFile(), Path("ca.pem"));
  }

  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  std::string Path(absl::string_view name) const { return path_ / std::string(name); }

  void Write(absl::string_view name, absl::string_view text) const {
    std::ofstream file(Path(name), std::ios::binary);
    file.write(text.data(), static_cast<std::streamsize>(text.size()));
    file.close();
    Require(file.good(), "the file can be written");
  }

 private:
  std::filesystem::path path_;
};

void RequireOneLine(const std::vector<std::string>& texts, const std::string& path) {
  for (const std::string& text : texts) {
    Require(absl::StartsWith(text, path), "a problem or notice begins with the file's name");
    Require(std::none_of(text.begin(), text.end(),
                         [](char c) { return static_cast<unsigned char>(c) < ' '; }),
            "a problem or notice is one line that a terminal can show");
  }
}

void RequireInRange(const Configuration& configuration) {
  Require(!configuration.participants.empty(), "there is a participant");
  for (const ParticipantConfiguration& participant : configuration.participants) {
    Require(!participant.name.empty() && participant.name.size() <= 63, "each has a name");
    Require(!participant.operator_urls.empty() && participant.operator_urls.size() <= 8,
            "each has an operator");
    Require(participant.credentials != nullptr, "each has credentials");
  }
  Require(!configuration.listen_address.empty(), "there is an address to listen on");
  Require(configuration.workers >= 1 && configuration.workers <= 64, "workers is in range");
  Require(configuration.max_calls_in_flight >= 1, "a call may enter");
  Require(configuration.max_caller_share > 0 && configuration.max_caller_share <= 1,
          "a share is a share");
  const absl::Duration max_call_time = configuration.deadlines.max_call_time;
  Require(max_call_time >= absl::Milliseconds(100) && max_call_time <= absl::Minutes(1),
          "max_call_time is in range");
  Require(configuration.retry_policy.min_time_left < max_call_time, "a call can begin");
  Require(configuration.drain_timeout >= absl::ZeroDuration() &&
              configuration.drain_timeout <= absl::Minutes(5),
          "the drain ends");
}

void Check(absl::string_view text) {
  static const Folder folder;
  const std::string path = folder.Path("server.txtpb");
  folder.Write("server.txtpb", text);
  const LoadedConfiguration loaded =
      LoadConfiguration(path, 20000, absl::FromUnixSeconds(kNow), folder.Path("ca.pem"));
  RequireOneLine(loaded.problems, path);
  RequireOneLine(loaded.notices, path);
  Require(loaded.configuration.has_value() == loaded.problems.empty(),
          "a configuration without problems is loaded, and no other");
  if (loaded.configuration.has_value()) RequireInRange(*loaded.configuration);
}

}  // namespace
}  // namespace uid2

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  uid2::Check(absl::string_view(reinterpret_cast<const char*>(data), size));
  return 0;
}
