// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_APP_PROCESS_METRICS_H_
#define SERVER_APP_PROCESS_METRICS_H_

#include <dirent.h>

#include <memory>

#include "server/event/file_descriptor.h"
#include "server/telemetry/metric.h"
#include "server/telemetry/metrics.h"

namespace uid2 {

// What the process uses, as the kernel counts it, and how it was built. Thread-compatible.
class ProcessMetrics {
 public:
  // Adds the series to `metrics`, which must outlive this object.
  explicit ProcessMetrics(Metrics& metrics);

  // Reads /proc and sets the series. Opens no files, so it works when none can be opened. What
  // cannot be read keeps its value.
  void Update();

 private:
  struct CloseDirectory {
    void operator()(DIR* directory) const { closedir(directory); }
  };

  void CountFiles();
  void ReadStat();

  const FileDescriptor stat_;
  const std::unique_ptr<DIR, CloseDirectory> files_;
  const Gauge open_fds_;
  const Gauge max_fds_;
  const Counter cpu_seconds_;
  const Gauge resident_bytes_;
  const Gauge start_time_;
  const Gauge threads_;
  // What cpu_seconds_ has.
  double counted_cpu_seconds_ = 0;
  // Seconds since 1970 at which the machine was booted; 0 if not known.
  double boot_time_ = 0;
};

}  // namespace uid2

#endif  // SERVER_APP_PROCESS_METRICS_H_
