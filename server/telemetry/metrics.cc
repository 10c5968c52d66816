// SPDX-License-Identifier: Apache-2.0

#include "server/telemetry/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/metric_family.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <cmath>

#include "absl/memory/memory.h"

namespace uid2 {
namespace {

// Whether a label has this value; an empty one matches all series.
bool Has(const prometheus::ClientMetric& series, absl::string_view label_value) {
  return label_value.empty() ||
         std::any_of(series.label.begin(), series.label.end(),
                     [&](const auto& label) { return label.value == label_value; });
}

}  // namespace

Metrics::Metrics() : registry_(std::make_unique<prometheus::Registry>()) {}

Metrics::~Metrics() = default;

Counter Metrics::AddCounter(absl::string_view name, absl::string_view help, const Labels& labels) {
  return Counter(prometheus::BuildCounter()
                     .Name(std::string(name))
                     .Help(std::string(help))
                     .Register(*registry_)
                     .Add(labels));
}

Gauge Metrics::AddGauge(absl::string_view name, absl::string_view help, const Labels& labels) {
  return Gauge(prometheus::BuildGauge()
                   .Name(std::string(name))
                   .Help(std::string(help))
                   .Register(*registry_)
                   .Add(labels));
}

Histogram Metrics::AddHistogram(absl::string_view name, absl::string_view help,
                                const std::vector<double>& bounds, const Labels& labels) {
  return Histogram(prometheus::BuildHistogram()
                       .Name(std::string(name))
                       .Help(std::string(help))
                       .Register(*registry_)
                       .Add(labels, bounds));
}

Metrics::Snapshot::Snapshot(std::vector<prometheus::MetricFamily> families)
    : families_(std::move(families)) {}

Metrics::Snapshot::~Snapshot() = default;

Metrics::Snapshot Metrics::Read() const { return Snapshot(registry_->Collect()); }

int64_t Metrics::Total(absl::string_view name, absl::string_view label_value) const {
  return Read().Total(name, label_value);
}

int64_t Metrics::Snapshot::Total(absl::string_view name, absl::string_view label_value) const {
  double total = 0;
  for (const prometheus::MetricFamily& family : families_) {
    if (family.name != name) continue;
    for (const prometheus::ClientMetric& series : family.metric) {
      if (!Has(series, label_value)) continue;
      // The series is one of the three; the other values are 0.
      total += series.counter.value + series.gauge.value +
               static_cast<double>(series.histogram.sample_count);
    }
  }
  return std::llround(total);
}

std::unique_ptr<Metrics::Update> Metrics::BeforeText(std::function<void()> function) {
  auto update = absl::WrapUnique(new Update(*this, std::move(function)));
  absl::MutexLock lock(&mutex_);
  updates_.push_back(update.get());
  return update;
}

Metrics::Update::~Update() {
  absl::MutexLock lock(&metrics_.mutex_);
  std::erase(metrics_.updates_, this);
}

std::string Metrics::Text() const {
  {
    absl::MutexLock lock(&mutex_);
    for (const Update* const update : updates_) update->function_();
  }
  return prometheus::TextSerializer().Serialize(registry_->Collect());
}

}  // namespace uid2
