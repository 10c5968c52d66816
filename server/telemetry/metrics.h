// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_TELEMETRY_METRICS_H_
#define SERVER_TELEMETRY_METRICS_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/telemetry/metric.h"

namespace prometheus {
class Registry;
}

namespace uid2 {

// The registry of all metrics of the process. Parts of the service describe their metrics in a
// group of handles of their own, such as HttpMetrics. The code that serves calls only writes them
// and never reads them. Thread-safe; must outlive all handles.
class Metrics {
 public:
  using Labels = std::map<std::string, std::string>;

  Metrics();
  ~Metrics();

  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // Each of these returns a handle to the series with this name and these labels, which is made by
  // the first call. All series of a name must have the same type, `help` and names of labels. Take
  // the values of labels from the configuration or from the code, never from a request: each makes
  // a series that stays. Takes a lock for about 200 ns, so keep the handle.
  Counter AddCounter(absl::string_view name, absl::string_view help, const Labels& labels = {});
  Gauge AddGauge(absl::string_view name, absl::string_view help, const Labels& labels = {});
  // `bounds` are the upper bounds of the buckets, in increasing order, without the infinite one.
  // All series of a name must have the same.
  Histogram AddHistogram(absl::string_view name, absl::string_view help,
                         const std::vector<double>& bounds, const Labels& labels = {});

  // Returns the sum of all series named `name`, or of those that have a label with this value; 0 if
  // there are none. A histogram counts as the number of its observations. Reads the whole registry,
  // one number after another, so the sum is exact only if the series do not change at the same
  // time.
  int64_t Total(absl::string_view name, absl::string_view label_value = "") const;

  // Returns all series in the text format of Prometheus, version 0.0.4.
  std::string Text() const;

 private:
  const std::unique_ptr<prometheus::Registry> registry_;
};

}  // namespace uid2

#endif  // SERVER_TELEMETRY_METRICS_H_
