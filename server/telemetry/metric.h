// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_TELEMETRY_METRIC_H_
#define SERVER_TELEMETRY_METRIC_H_

namespace prometheus {
class Counter;
class Gauge;
class Histogram;
}  // namespace prometheus

namespace uid2 {

// A handle to a series that only increases. Copies refer to the same series, which the registry
// (metrics.h) owns; a default-constructed handle has no effect. Thread-safe and lock-free. An
// increment takes about 15 ns; finding the series in the registry takes ten times as long, so keep
// the handle.
class Counter {
 public:
  Counter() = default;
  explicit Counter(prometheus::Counter& series) : series_(&series) {}

  // Whether this refers to a series.
  bool exists() const { return series_ != nullptr; }

  // `amount` must not be negative.
  void Increment(double amount = 1) const;

 private:
  prometheus::Counter* series_ = nullptr;
};

// A handle to a series that says how things are at this moment. If it counts what exists, every
// increment must be followed by a decrement. Otherwise like Counter.
class Gauge {
 public:
  Gauge() = default;
  explicit Gauge(prometheus::Gauge& series) : series_(&series) {}

  void Increment() const;
  void Decrement(double amount = 1) const;
  void Set(double value) const;

 private:
  prometheus::Gauge* series_ = nullptr;
};

// A handle to a series that counts observations by their size. An observation takes about 50 ns and
// a lock that no other series shares. Otherwise like Counter.
class Histogram {
 public:
  Histogram() = default;
  explicit Histogram(prometheus::Histogram& series) : series_(&series) {}

  void Observe(double value) const;

 private:
  prometheus::Histogram* series_ = nullptr;
};

}  // namespace uid2

#endif  // SERVER_TELEMETRY_METRIC_H_
