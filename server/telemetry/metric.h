// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_TELEMETRY_METRIC_H_
#define SERVER_TELEMETRY_METRIC_H_

namespace prometheus {
class Counter;
class Gauge;
}  // namespace prometheus

namespace uid2 {

// A series that only grows. A handle: copies count on the same series, which the registry
// (metrics.h) owns; a default-constructed one counts nowhere. Thread-safe and lock-free: an
// increment costs about 15 ns, finding the series in its registry ten times that, so keep the
// handle.
class Counter {
 public:
  Counter() = default;
  explicit Counter(prometheus::Counter& series) : series_(&series) {}

  void Increment() const;

 private:
  prometheus::Counter* series_ = nullptr;
};

// A series for what exists at this moment: whoever increments it also decrements it. Otherwise like
// Counter.
class Gauge {
 public:
  Gauge() = default;
  explicit Gauge(prometheus::Gauge& series) : series_(&series) {}

  void Increment() const;
  void Decrement(double amount = 1) const;

 private:
  prometheus::Gauge* series_ = nullptr;
};

}  // namespace uid2

#endif  // SERVER_TELEMETRY_METRIC_H_
