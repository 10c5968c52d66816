// SPDX-License-Identifier: Apache-2.0

#include "server/telemetry/reload_metrics.h"

#include "absl/strings/str_cat.h"

namespace uid2 {

ReloadMetrics ReloadMetrics::In(Metrics& metrics, absl::string_view name, absl::string_view files,
                                const Metrics::Labels& labels) {
  const auto reload = [&](const char* result) {
    Metrics::Labels all = labels;
    all["result"] = result;
    return metrics.AddCounter(absl::StrCat(name, "_reload_total"),
                              absl::StrCat("Changes of ", files, ", by result."), all);
  };
  ReloadMetrics group;
  group.successes = reload("success");
  group.failures = reload("failure");
  group.failing = metrics.AddGauge(
      absl::StrCat(name, "_reload_failing"),
      absl::StrCat("1 while a change of ", files, " is refused, so that earlier ones are in use."),
      labels);
  return group;
}

void ReloadMetrics::Changed(bool in_use) const {
  (in_use ? successes : failures).Increment();
  failing.Set(in_use ? 0 : 1);
}

}  // namespace uid2
