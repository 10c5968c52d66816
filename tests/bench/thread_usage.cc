// SPDX-License-Identifier: Apache-2.0

#include "tests/bench/thread_usage.h"

#include <filesystem>
#include <fstream>
#include <system_error>

#include "absl/strings/str_cat.h"

namespace uid2::bench {
namespace {

// The number after `key` in a file of /proc that has one field a line.
int64_t Field(const std::filesystem::path& path, const std::string& key) {
  std::ifstream file(path);
  for (std::string word; file >> word;) {
    int64_t value = 0;
    if (word == key && file >> value) return value;
  }
  return 0;
}

}  // namespace

ThreadUsages ReadThreadUsages(pid_t pid) {
  ThreadUsages usages;
  const std::string process = pid == 0 ? "self" : absl::StrCat(pid);
  std::error_code gone;
  for (const auto& thread :
       std::filesystem::directory_iterator(absl::StrCat("/proc/", process, "/task"), gone)) {
    std::string name;
    std::getline(std::ifstream(thread.path() / "comm"), name);
    // The first field of schedstat is the time on a core, in nanoseconds.
    int64_t nanoseconds = 0;
    std::ifstream(thread.path() / "schedstat") >> nanoseconds;
    ThreadUsage& usage = usages[name];
    usage.cpu += std::chrono::nanoseconds(nanoseconds);
    usage.voluntary_switches += Field(thread.path() / "status", "voluntary_ctxt_switches:");
  }
  return usages;
}

}  // namespace uid2::bench
