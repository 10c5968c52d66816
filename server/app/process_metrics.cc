// SPDX-License-Identifier: Apache-2.0

#include "server/app/process_metrics.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "server/app/build_info.h"

namespace uid2 {
namespace {

constexpr char kFiles[] = "/proc/self/fd";

// The fields of /proc/self/stat after the program's name, from 0: see proc(5), which counts from 1
// and has the name second.
constexpr size_t kUserTicks = 11;
constexpr size_t kSystemTicks = 12;
constexpr size_t kThreads = 17;
constexpr size_t kStartTicks = 19;
constexpr size_t kResidentPages = 21;

double BootTime() {
  std::ifstream file("/proc/stat");
  std::string name;
  double value = 0;
  while (file >> name) {
    if (name == "btime" && file >> value) return value;
    file.ignore(1 << 20, '\n');
  }
  return 0;
}

double Number(absl::string_view text) {
  double number = 0;
  return absl::SimpleAtod(text, &number) ? number : 0;
}

}  // namespace

ProcessMetrics::ProcessMetrics(Metrics& metrics)
    : stat_(open("/proc/self/stat", O_RDONLY | O_CLOEXEC)),
      files_(opendir(kFiles)),
      open_fds_(metrics.AddGauge("open_fds", "File descriptors that the process has open.")),
      max_fds_(metrics.AddGauge("max_fds", "File descriptors that the process may have open.")),
      cpu_seconds_(metrics.AddCounter("process_cpu_seconds_total",
                                      "CPU time of the process in user and kernel mode.")),
      resident_bytes_(metrics.AddGauge("process_resident_memory_bytes",
                                       "Memory of the process that is in RAM.")),
      start_time_(metrics.AddGauge("process_start_time_seconds",
                                   "When the process was started, as a Unix time.")),
      threads_(metrics.AddGauge("process_threads", "Threads of the process.")),
      boot_time_(BootTime()) {
  Metrics::Labels labels;
  for (const BuildFact& fact : BuildFacts()) labels[fact.label] = fact.value;
  metrics.AddGauge("build_info", "Always 1; its labels say how the server was built.", labels)
      .Set(1);
}

void ProcessMetrics::Update() {
  CountFiles();
  rlimit limit = {};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) max_fds_.Set(static_cast<double>(limit.rlim_cur));
  ReadStat();
}

void ProcessMetrics::CountFiles() {
  struct stat folder = {};
  // Linux 6.2 and later say it here. Earlier ones say 0.
  if (stat(kFiles, &folder) == 0 && folder.st_size > 0) {
    open_fds_.Set(static_cast<double>(folder.st_size));
    return;
  }
  if (files_ == nullptr) return;
  rewinddir(files_.get());
  int count = 0;
  for (const dirent* entry; (entry = readdir(files_.get())) != nullptr;) {
    if (entry->d_name[0] != '.') ++count;
  }
  open_fds_.Set(count);
}

void ProcessMetrics::ReadStat() {
  char buffer[1024];
  const ssize_t size = pread(stat_.get(), buffer, sizeof(buffer), 0);
  if (size <= 0) return;
  const absl::string_view text(buffer, static_cast<size_t>(size));
  // The program's name is in parentheses and may contain anything.
  const size_t name_end = text.rfind(')');
  if (name_end == absl::string_view::npos) return;
  const std::vector<absl::string_view> fields =
      absl::StrSplit(text.substr(name_end + 1), ' ', absl::SkipEmpty());
  if (fields.size() <= kResidentPages) return;
  const auto ticks_per_second = static_cast<double>(sysconf(_SC_CLK_TCK));
  const double cpu = (Number(fields[kUserTicks]) + Number(fields[kSystemTicks])) / ticks_per_second;
  if (cpu > counted_cpu_seconds_) cpu_seconds_.Increment(cpu - counted_cpu_seconds_);
  counted_cpu_seconds_ = cpu;
  threads_.Set(Number(fields[kThreads]));
  start_time_.Set(boot_time_ + Number(fields[kStartTicks]) / ticks_per_second);
  resident_bytes_.Set(Number(fields[kResidentPages]) * static_cast<double>(sysconf(_SC_PAGESIZE)));
}

}  // namespace uid2
