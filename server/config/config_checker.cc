// SPDX-License-Identifier: Apache-2.0

#include "server/config/config_checker.h"

#include "absl/strings/str_cat.h"

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
  // Saturates. An integer number of nanoseconds could overflow into the valid range.
  const absl::Duration duration = absl::Seconds(value.seconds()) + absl::Nanoseconds(value.nanos());
  if (duration < least || duration > most) {
    Problem(field, absl::StrCat("must be from ", absl::FormatDuration(least), " to ",
                                absl::FormatDuration(most)));
  }
  return duration;
}

int ConfigChecker::Number(const std::string& field, bool present, int value, int otherwise,
                          int least, int most) {
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

}  // namespace uid2
