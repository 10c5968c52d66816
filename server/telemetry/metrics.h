// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_TELEMETRY_METRICS_H_
#define SERVER_TELEMETRY_METRICS_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "server/telemetry/metric.h"

namespace prometheus {
class Registry;
struct MetricFamily;
}  // namespace prometheus

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

  // The values of all series, read one after another.
  class Snapshot {
   public:
    ~Snapshot();

    // Returns the sum of all series named `name`, or of those that have a label with this value; 0
    // if there are none. A histogram counts as the number of its observations.
    int64_t Total(absl::string_view name, absl::string_view label_value = "") const;

   private:
    friend class Metrics;
    explicit Snapshot(std::vector<prometheus::MetricFamily> families);

    std::vector<prometheus::MetricFamily> families_;
  };

  Snapshot Read() const;

  // Read().Total(), for a single number.
  int64_t Total(absl::string_view name, absl::string_view label_value = "") const;

  // Calls a function before each Text(), from BeforeText() until it is destroyed, which waits for a
  // call in progress. The metrics must outlive it.
  class Update {
   public:
    ~Update();

    Update(const Update&) = delete;
    Update& operator=(const Update&) = delete;

   private:
    friend class Metrics;
    Update(const Metrics& metrics, std::function<void()> function)
        : metrics_(metrics), function_(std::move(function)) {}

    const Metrics& metrics_;
    const std::function<void()> function_;
  };

  // For gauges that are computed when somebody looks, because no event on a call's path changes
  // them. `function` runs on the thread of Text(), one at a time. It must be fast, and must not use
  // Update or Text().
  std::unique_ptr<Update> BeforeText(std::function<void()> function);

  // Returns all series in the text format of Prometheus, version 0.0.4.
  std::string Text() const;

 private:
  const std::unique_ptr<prometheus::Registry> registry_;
  mutable absl::Mutex mutex_;
  mutable std::vector<const Update*> updates_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace uid2

#endif  // SERVER_TELEMETRY_METRICS_H_
