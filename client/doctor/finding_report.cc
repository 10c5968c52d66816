// SPDX-License-Identifier: Apache-2.0

#include "client/doctor/finding_report.h"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace uid2::doctor {
namespace {

const char* NameOf(Severity severity) {
  switch (severity) {
    case Severity::kOk:
      return "ok";
    case Severity::kSkipped:
      return "skipped";
    case Severity::kWarning:
      return "warning";
    case Severity::kError:
      break;
  }
  return "error";
}

// ECMA-48: green, dim, yellow, red.
const char* ColorOf(Severity severity) {
  switch (severity) {
    case Severity::kOk:
      return "\033[32m";
    case Severity::kSkipped:
      return "\033[2m";
    case Severity::kWarning:
      return "\033[33m";
    case Severity::kError:
      break;
  }
  return "\033[31m";
}

long Count(const std::vector<Finding>& findings, Severity severity) {
  return std::count_if(findings.begin(), findings.end(),
                       [severity](const Finding& finding) { return finding.severity == severity; });
}

std::string Plural(long count, absl::string_view noun) {
  return absl::StrCat(count, " ", noun, count == 1 ? "" : "s");
}

}  // namespace

std::string ToLine(const Finding& finding, bool color) {
  std::string severity = absl::StrFormat("%-8s", NameOf(finding.severity));
  if (color) severity = absl::StrCat(ColorOf(finding.severity), severity, "\033[0m");
  std::string line = absl::StrCat(severity, absl::StrFormat(" %-16s ", finding.check));
  if (!finding.participant.empty()) {
    absl::StrAppend(&line, finding.participant, finding.address.empty() ? "" : " at ",
                    finding.address, ": ");
  }
  absl::StrAppend(&line, finding.text);
  if (!finding.fix.empty()) absl::StrAppend(&line, " -> ", finding.fix);
  return line + "\n";
}

std::string Summary(const std::vector<Finding>& findings) {
  const long errors = Count(findings, Severity::kError);
  const long warnings = Count(findings, Severity::kWarning);
  if (errors == 0 && warnings == 0) return "All is well.\n";
  return absl::StrCat(Plural(errors, "error"), ", ", Plural(warnings, "warning"),
                      errors + warnings > 1 ? "; fix the first one first.\n" : ".\n");
}

std::string ToJson(const std::vector<Finding>& findings) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> json(buffer);
  const auto field = [&json](const char* name, const std::string& value) {
    if (value.empty()) return;
    json.Key(name);
    json.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
  };
  json.StartObject();
  json.Key("findings");
  json.StartArray();
  for (const Finding& finding : findings) {
    json.StartObject();
    field("severity", NameOf(finding.severity));
    field("check", finding.check);
    field("participant", finding.participant);
    field("address", finding.address);
    field("text", finding.text);
    field("fix", finding.fix);
    json.EndObject();
  }
  json.EndArray();
  json.Key("errors");
  json.Int64(Count(findings, Severity::kError));
  json.Key("warnings");
  json.Int64(Count(findings, Severity::kWarning));
  json.EndObject();
  return std::string(buffer.GetString(), buffer.GetSize());
}

int ExitStatusOf(const std::vector<Finding>& findings) {
  if (Count(findings, Severity::kError) > 0) return 2;
  return Count(findings, Severity::kWarning) > 0 ? 1 : 0;
}

}  // namespace uid2::doctor
