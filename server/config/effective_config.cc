// SPDX-License-Identifier: Apache-2.0

#include "server/config/effective_config.h"

#include <google/protobuf/duration.pb.h>
#include <google/protobuf/text_format.h>

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace uid2 {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::TextFormat;

namespace {

constexpr char kHeader[] =
    R"(# proto-file: proto/uid2/identity/config/v1/server_config.proto
# proto-message: uid2.identity.config.v1.ServerConfig
#
# The configuration in effect: the values in the file, and the defaults of all other fields. Paths
# are absolute. A comment after a value says what it was derived from.

)";

bool IsDuration(EffectiveConfig::Field field) {
  return field->message_type() == google::protobuf::Duration::descriptor();
}

const Message& MessageIn(const Message& message, EffectiveConfig::Field field, int index) {
  const auto* reflection = message.GetReflection();
  return index < 0 ? reflection->GetMessage(message, field)
                   : reflection->GetRepeatedMessage(message, field, index);
}

// On one line. Zero is written out.
std::string DurationText(const Message& message) {
  const auto& duration = static_cast<const google::protobuf::Duration&>(message);
  std::vector<std::string> parts;
  if (duration.seconds() != 0 || duration.nanos() == 0) {
    parts.push_back(absl::StrCat("seconds: ", duration.seconds()));
  }
  if (duration.nanos() != 0) parts.push_back(absl::StrCat("nanos: ", duration.nanos()));
  return absl::StrCat("{ ", absl::StrJoin(parts, " "), " }");
}

}  // namespace

void EffectiveConfig::SetDuration(Message& message, Field field, absl::Duration value) {
  auto* duration = static_cast<google::protobuf::Duration*>(
      message.GetReflection()->MutableMessage(&message, field));
  absl::Duration rest;
  duration->set_seconds(absl::IDivDuration(value, absl::Seconds(1), &rest));
  duration->set_nanos(static_cast<int>(absl::ToInt64Nanoseconds(rest)));
}

void EffectiveConfig::Comment(const Message& message, Field field, absl::string_view text) {
  comments_[{&message, field}] = std::string(text);
}

std::string EffectiveConfig::Text() const {
  std::string text = kHeader;
  PrintMessage(config_, "", text);
  return text;
}

void EffectiveConfig::PrintMessage(const Message& message, const std::string& indent,
                                   std::string& text) const {
  const auto* reflection = message.GetReflection();
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const Field field = message.GetDescriptor()->field(i);
    const int elements = field->is_repeated() ? reflection->FieldSize(message, field) : 0;
    for (int index = 0; index < elements; ++index) {
      PrintField(message, field, index, indent, text);
    }
    if (!field->is_repeated() && reflection->HasField(message, field)) {
      PrintField(message, field, -1, indent, text);
    } else if (elements == 0) {
      absl::StrAppend(&text, indent, "# ", field->name(), " is not set\n");
    }
  }
}

void EffectiveConfig::PrintField(const Message& message, Field field, int index,
                                 const std::string& indent, std::string& text) const {
  absl::StrAppend(&text, indent, field->name());
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && !IsDuration(field)) {
    text += " {\n";
    PrintMessage(MessageIn(message, field, index), indent + "  ", text);
    absl::StrAppend(&text, indent, "}\n");
    return;
  }
  if (IsDuration(field)) {
    absl::StrAppend(&text, " ", DurationText(MessageIn(message, field, index)));
  } else {
    std::string value;
    TextFormat::PrintFieldValueToString(message, field, index, &value);
    absl::StrAppend(&text, ": ", value);
  }
  const auto comment = comments_.find({&message, field});
  if (comment != comments_.end()) absl::StrAppend(&text, "  # ", comment->second);
  text += '\n';
}

}  // namespace uid2
