// SPDX-License-Identifier: Apache-2.0

#include "server/config/config_checker.h"

#include <filesystem>
#include <system_error>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace uid2 {

ConfigChecker::ConfigChecker(ConfigSource& source)
    : ConfigChecker(source, &source.tree(), source.config(), source.effective().config(), 0) {}

ConfigChecker ConfigChecker::Nested(const std::string& field,
                                    const google::protobuf::Message& message, int index) const {
  const EffectiveConfig::Field descriptor = FieldOf(field);
  const auto* tree = tree_ == nullptr ? nullptr : tree_->GetTreeForNested(descriptor, index);
  const auto* reflection = effective_.GetReflection();
  google::protobuf::Message* const effective =
      index < 0 ? reflection->MutableMessage(&effective_, descriptor)
                : reflection->MutableRepeatedMessage(&effective_, descriptor, index);
  return ConfigChecker(source_, tree, message, *effective,
                       ConfigSource::LineOf(tree_, message_, field, index));
}

EffectiveConfig::Field ConfigChecker::FieldOf(const std::string& name) const {
  return message_.GetDescriptor()->FindFieldByName(name);
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
  if (!present) {
    EffectiveConfig::SetDuration(effective_, FieldOf(field), otherwise);
    return otherwise;
  }
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
  if (!present) {
    effective_.GetReflection()->SetInt32(&effective_, FieldOf(field), otherwise);
    return otherwise;
  }
  CheckRange(field, value, least, most);
  return value;
}

int64_t ConfigChecker::LargeNumber(const std::string& field, bool present, int64_t value,
                                   int64_t otherwise, int64_t least, int64_t most) {
  if (!present) {
    effective_.GetReflection()->SetInt64(&effective_, FieldOf(field), otherwise);
    return otherwise;
  }
  CheckRange(field, value, least, most);
  return value;
}

void ConfigChecker::CheckRange(const std::string& field, int64_t value, int64_t least,
                               int64_t most) {
  if (value >= least && value <= most) return;
  Problem(field, absl::StrCat("must be from ", least, " to ", most));
}

double ConfigChecker::Share(const std::string& field, bool present, double value, double otherwise,
                            bool in_range, absl::string_view range) {
  if (!present) {
    effective_.GetReflection()->SetDouble(&effective_, FieldOf(field), otherwise);
    return otherwise;
  }
  if (!in_range) Problem(field, absl::StrCat("must be ", range));
  return value;
}

bool ConfigChecker::Flag(const std::string& field, bool present, bool value, bool otherwise) {
  if (present) return value;
  effective_.GetReflection()->SetBool(&effective_, FieldOf(field), otherwise);
  return otherwise;
}

std::string ConfigChecker::Text(const std::string& field, const std::string& value,
                                const std::string& otherwise) {
  if (!value.empty()) return value;
  effective_.GetReflection()->SetString(&effective_, FieldOf(field), otherwise);
  return otherwise;
}

std::string ConfigChecker::Path(const std::string& field, const std::string& value) {
  if (value.empty()) return "";
  std::string path = source_.Resolve(value);
  std::error_code error;
  const std::string absolute = std::filesystem::absolute(path, error);
  effective_.GetReflection()->SetString(&effective_, FieldOf(field), error ? path : absolute);
  return path;
}

void ConfigChecker::DerivedFrom(const std::string& field, absl::string_view text) {
  source_.effective().Comment(effective_, FieldOf(field), text);
}

bool ConfigChecker::Enumerated(const std::string& field, int otherwise) {
  const EffectiveConfig::Field descriptor = FieldOf(field);
  const auto* type = descriptor->enum_type();
  const int number = message_.GetReflection()->GetEnumValue(message_, descriptor);
  if (number == 0) effective_.GetReflection()->SetEnumValue(&effective_, descriptor, otherwise);
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
