// SPDX-License-Identifier: Apache-2.0

#include "server/config/config_checker.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace uid2 {

ConfigChecker::ConfigChecker(ConfigSource& source)
    : ConfigChecker(source, &source.tree(), source.config(), 0) {}

ConfigChecker ConfigChecker::Nested(const std::string& field,
                                    const google::protobuf::Message& message, int index) const {
  const auto* descriptor = message_.GetDescriptor()->FindFieldByName(field);
  const auto* tree = tree_ == nullptr ? nullptr : tree_->GetTreeForNested(descriptor, index);
  return ConfigChecker(source_, tree, message, ConfigSource::LineOf(tree_, message_, field, index));
}

int ConfigChecker::LineOf(const std::string& field, int index) const {
  int line = ConfigSource::LineOf(tree_, message_, field, index);
  // For a list in brackets, the parser only records the line on which the list starts.
  if (line == 0 && index > 0) line = ConfigSource::LineOf(tree_, message_, field, 0);
  return line > 0 ? line : line_;
}

void ConfigChecker::Problem(const std::string& field, absl::string_view text, int index) {
  source_.AddProblem(LineOf(field, index), absl::StrCat(field, ": ", text));
}

void ConfigChecker::Notice(const std::string& field, absl::string_view text, int index) {
  source_.AddNotice(LineOf(field, index), absl::StrCat(field, ": ", text));
}

absl::Duration ConfigChecker::Duration(const std::string& field, bool present,
                                       const google::protobuf::Duration& value,
                                       absl::Duration otherwise, absl::Duration least,
                                       absl::Duration most) {
  if (!present) return otherwise;
  constexpr int kNanosPerSecond = 1'000'000'000;
  const int nanos = value.nanos();
  // google.protobuf.Duration: both parts have the same sign.
  if (nanos <= -kNanosPerSecond || nanos >= kNanosPerSecond || (value.seconds() > 0 && nanos < 0) ||
      (value.seconds() < 0 && nanos > 0)) {
    Problem(field, "nanos must be from 0 to 999999999; write whole seconds as seconds");
    return otherwise;
  }
  // Saturates. An integer number of nanoseconds could overflow into the valid range.
  const absl::Duration duration = absl::Seconds(value.seconds()) + absl::Nanoseconds(nanos);
  if (duration < least || duration > most) {
    Problem(field, absl::StrCat("must be from ", absl::FormatDuration(least), " to ",
                                absl::FormatDuration(most)));
  }
  return duration;
}

int ConfigChecker::Number(const std::string& field, bool present, int value, int otherwise,
                          int least, int most) {
  return static_cast<int>(LargeNumber(field, present, value, otherwise, least, most));
}

int64_t ConfigChecker::LargeNumber(const std::string& field, bool present, int64_t value,
                                   int64_t otherwise, int64_t least, int64_t most) {
  if (!present) return otherwise;
  if (value < least || value > most) {
    Problem(field, absl::StrCat("must be from ", least, " to ", most));
  }
  return value;
}

double ConfigChecker::Share(const std::string& field, bool present, double value, double otherwise,
                            bool in_range, absl::string_view range) {
  if (!present) return otherwise;
  if (!in_range) Problem(field, absl::StrCat("must be ", range));
  return value;
}

bool ConfigChecker::Enumerated(const std::string& field) {
  const auto* descriptor = message_.GetDescriptor()->FindFieldByName(field);
  const auto* type = descriptor->enum_type();
  const int number = message_.GetReflection()->GetEnumValue(message_, descriptor);
  if (type->FindValueByNumber(number) != nullptr) return true;
  std::vector<absl::string_view> names;
  for (int i = 0; i < type->value_count(); ++i) {
    // 0 stands for a field that is not set.
    if (type->value(i)->number() != 0) names.push_back(type->value(i)->name());
  }
  Problem(field, absl::StrCat(number, " is not a value of this field; set it to ",
                              absl::StrJoin(names, " or ")));
  return false;
}

}  // namespace uid2
