// SPDX-License-Identifier: Apache-2.0

#include "server/telemetry/json_log.h"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <cstdint>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

namespace uid2 {
namespace {

// Totals do not count health checks, reflection and unknown methods.
constexpr char kIdentityService[] = "uid2.identity.v1.IdentityService";

using Writer = rapidjson::Writer<rapidjson::StringBuffer>;

absl::string_view Name(Severity severity) {
  switch (severity) {
    case Severity::kInfo:
      return "INFO";
    case Severity::kWarning:
      return "WARNING";
    case Severity::kError:
      return "ERROR";
  }
  return "ERROR";
}

Severity SeverityOf(const CallRecord& record) {
  if (record.code == "INTERNAL" || record.code == "FAILED_PRECONDITION") return Severity::kError;
  if (record.code == "UNAVAILABLE" || record.code == "DEADLINE_EXCEEDED") return Severity::kWarning;
  // An identity was kept: the caller was served, but the operator failed.
  if (record.code == "OK" && !record.reason.empty()) return Severity::kWarning;
  return Severity::kInfo;
}

void Field(Writer& json, absl::string_view name, absl::string_view value) {
  if (value.empty()) return;
  json.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
  json.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
}

void Field(Writer& json, absl::string_view name, int value) {
  if (value == 0) return;
  json.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
  json.Int(value);
}

// Formats `now` to milliseconds. Formatting a date costs as much as the rest of the line, so each
// thread caches the text for the current second.
class Timestamp {
 public:
  absl::string_view Format(absl::Time now) {
    const int64_t millis = absl::ToUnixMillis(now);
    const int64_t second = millis / 1000;
    if (second != second_) {
      second_ = second;
      text_ = absl::FormatTime("%Y-%m-%dT%H:%M:%S.000Z", now, absl::UTCTimeZone());
    }
    const size_t end = text_.size() - 2;
    int64_t rest = millis % 1000;
    for (size_t i = 0; i < 3; ++i, rest /= 10) text_[end - i] = static_cast<char>('0' + rest % 10);
    return text_;
  }

 private:
  int64_t second_ = -1;
  std::string text_;
};

void Begin(Writer& json, absl::Time now, Severity severity) {
  thread_local Timestamp timestamp;
  json.StartObject();
  Field(json, "time", timestamp.Format(now));
  Field(json, "severity", Name(severity));
}

absl::string_view View(const rapidjson::StringBuffer& buffer) {
  return absl::string_view(buffer.GetString(), buffer.GetSize());
}

}  // namespace

JsonLog::JsonLog(LogWriter& writer, Now now) : writer_(writer), now_(std::move(now)) {}

void JsonLog::Record(const CallRecord& record) {
  rapidjson::StringBuffer buffer;
  Writer json(buffer);
  // Hundredths of a millisecond are precise enough.
  json.SetMaxDecimalPlaces(2);
  Begin(json, now_(), SeverityOf(record));
  Field(json, "method", record.method);
  Field(json, "code", record.code);
  json.Key("ms");
  json.Double(absl::ToDoubleMilliseconds(record.duration));
  Field(json, "reason", record.reason);
  Field(json, "outcome", record.outcome);
  Field(json, "caller", record.caller);
  Field(json, "certificate_name", record.certificate_name);
  Field(json, "participant", record.participant);
  Field(json, "attempts", record.attempts);
  Field(json, "operator_status", record.operator_status);
  Field(json, "operator_address", record.operator_address);
  Field(json, "detail", record.detail);
  json.EndObject();
  writer_.Write(View(buffer));
}

void JsonLog::Event(Severity severity, absl::string_view message) {
  rapidjson::StringBuffer buffer;
  Writer json(buffer);
  Begin(json, now_(), severity);
  Field(json, "message", message);
  json.EndObject();
  writer_.Write(View(buffer));
}

std::string JsonLog::LostLine(absl::Time now, int64_t lines) {
  rapidjson::StringBuffer buffer;
  Writer json(buffer);
  Begin(json, now, Severity::kWarning);
  Field(json, "message", absl::StrCat("lines of this log that were lost: ", lines));
  json.EndObject();
  return buffer.GetString();
}

void JsonLog::Totals(absl::string_view event, const Metrics& metrics) {
  rapidjson::StringBuffer buffer;
  Writer json(buffer);
  Begin(json, now_(), Severity::kInfo);
  Field(json, "event", event);
  const int64_t refused = metrics.Total("shed_total");
  const std::pair<absl::string_view, int64_t> numbers[] = {
      {"calls_in_flight", metrics.Total("calls_in_flight")},
      {"operator_requests_in_flight", metrics.Total("operator_inflight")},
      {"shared_refreshes", metrics.Total("shared_refreshes")},
      {"timers", metrics.Total("timers")},
      {"calls", metrics.Total("grpc_server_started_total", kIdentityService) - refused},
      {"refused", refused},
      {"operator_requests", metrics.Total("operator_requests_sent_total")},
      {"retries", metrics.Total("retries_total")},
      {"operator_resends", metrics.Total("operator_requests_resent_total")},
      {"suspended", metrics.Total("operator_calls_suspended_total")},
      {"shared", metrics.Total("refreshes_shared_total")},
      {"not_opened", metrics.Total("refresh_replies_not_opened_total")},
      {"log_lines_lost", metrics.Total("log_lines_dropped_total")},
  };
  for (const auto& [name, number] : numbers) {
    json.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
    json.Int64(number);
  }
  json.EndObject();
  writer_.Write(View(buffer));
}

}  // namespace uid2
