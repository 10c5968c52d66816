// SPDX-License-Identifier: Apache-2.0

#include "server/telemetry/metric.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>

namespace uid2 {

void Counter::Increment(double amount) const {
  if (series_ != nullptr) series_->Increment(amount);
}

void Gauge::Increment() const {
  if (series_ != nullptr) series_->Increment();
}

void Gauge::Decrement(double amount) const {
  if (series_ != nullptr) series_->Decrement(amount);
}

void Gauge::Set(double value) const {
  if (series_ != nullptr) series_->Set(value);
}

void Histogram::Observe(double value) const {
  if (series_ != nullptr) series_->Observe(value);
}

}  // namespace uid2
