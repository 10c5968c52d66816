// SPDX-License-Identifier: Apache-2.0

#include "server/config/admission_reader.h"

#include <string>

#include "absl/strings/str_cat.h"

namespace uid2 {
namespace {

constexpr char kField[] = "max_calls_in_flight";
constexpr int kDefaultCalls = 2048;
constexpr int kMostCalls = 1'000'000;

// In the worst case, each call has its own connections to its caller and to the operator. When the
// process runs out of open files, accept() and connect() fail, and so do admitted calls.
constexpr int64_t kFilesOfCall = 2;
// Listeners, event queues, idle connections, credentials.
constexpr int64_t kFilesOfServer = 256;

int64_t FilesFor(int64_t calls) { return kFilesOfCall * calls + kFilesOfServer; }
int64_t CallsWithin(int64_t files) { return (files - kFilesOfServer) / kFilesOfCall; }

}  // namespace

void ReadAdmission(const ConfigSource& source, int64_t open_files, ConfigChecker& check,
                   Configuration& result) {
  const identity::config::v1::ServerConfig& config = source.config();
  const bool asked = config.has_max_calls_in_flight();
  const int64_t fit = CallsWithin(open_files);
  const bool lowered = !asked && fit >= 1 && fit < kDefaultCalls;
  int& calls = result.max_calls_in_flight;
  calls = check.Number(kField, asked, config.max_calls_in_flight(),
                       lowered ? static_cast<int>(fit) : kDefaultCalls, 1, kMostCalls);
  const int wanted = asked ? calls : kDefaultCalls;
  if (wanted <= fit || wanted > kMostCalls) return;

  const std::string need = absl::StrCat(
      wanted, " calls in flight need ", FilesFor(wanted), " open files (", kFilesOfCall,
      " each, plus ", kFilesOfServer, "), but the hard limit of this process is ", open_files);
  const std::string raise = absl::StrCat(
      "raise that limit to at least ", FilesFor(wanted),
      " (systemd: LimitNOFILE=; docker run: --ulimit=nofile=; a shell: limits.conf, ulimit -Hn)");
  if (fit < 1) {
    check.Problem(kField, absl::StrCat(need, ", too low for a single call: ", raise));
  } else if (asked) {
    check.Problem(kField, absl::StrCat(need, ": lower it to at most ", fit, ", or ", raise));
  } else {
    check.DerivedFrom(kField, absl::StrCat(wanted, ", lowered to fit ", open_files, " open files"));
    check.Notice(kField, absl::StrCat("lowered to ", fit, ": ", need, "; ", raise,
                                      ", or set this number explicitly"));
  }
}

}  // namespace uid2
