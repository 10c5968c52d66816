// SPDX-License-Identifier: Apache-2.0

#include "server/config/config_source.h"

#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/event/regular_file.h"

namespace uid2 {

using google::protobuf::FieldDescriptor;

namespace {

// Far larger than any configuration. The limit prevents a wrong path from filling memory.
constexpr size_t kMaxFileSize = size_t{1} << 20;

// Escapes control characters, which values of the file may contain.
std::string OneLine(absl::string_view text) {
  std::string line;
  for (const char c : text) {
    if (absl::ascii_iscntrl(static_cast<unsigned char>(c))) {
      absl::StrAppend(&line, "\\x", absl::Hex(static_cast<unsigned char>(c), absl::kZeroPad2));
    } else {
      line += c;
    }
  }
  return line;
}

}  // namespace

class ConfigSource::Collector : public google::protobuf::io::ErrorCollector {
 public:
  explicit Collector(ConfigSource& source) : source_(source) {}

  void AddError(int line, google::protobuf::io::ColumnNumber column,
                const std::string& message) override {
    source_.problems_.push_back(
        OneLine(absl::StrCat(source_.path_, ":", line + 1, ":", column + 1, ": ", message)));
  }

  // An unknown field is a warning for the parser, which continues, so all of them are reported.
  void AddWarning(int line, google::protobuf::io::ColumnNumber column,
                  const std::string& message) override {
    AddError(line, column, message);
  }

 private:
  ConfigSource& source_;
};

ConfigSource::ConfigSource(const std::string& path) : path_(path) {
  const absl::StatusOr<std::string> text = ReadRegularFile(path, kMaxFileSize);
  const absl::Status status = text.ok() ? CheckNoByteOrderMark(*text) : text.status();
  if (!status.ok()) {
    AddProblem(0, absl::StrCat("cannot read: ", status.message()));
    return;
  }
  google::protobuf::io::ArrayInputStream stream(text->data(), static_cast<int>(text->size()));
  Collector collector(*this);
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&collector);
  parser.WriteLocationsTo(&tree_);
  parser.AllowUnknownField(true);
  parsed_ = parser.Parse(&stream, &config_);
  effective_.config() = config_;
  if (!parsed_ && problems_.empty()) {
    AddProblem(0, "not a configuration in protobuf text format");
  }
}

int ConfigSource::LineOf(const Tree* tree, const google::protobuf::Message& message,
                         const std::string& field, int index) {
  const FieldDescriptor* descriptor = message.GetDescriptor()->FindFieldByName(field);
  // Protobuf asserts that repeated fields, and only those, have an index.
  if (tree == nullptr || descriptor == nullptr || descriptor->is_repeated() != (index >= 0)) {
    return 0;
  }
  return tree->GetLocation(descriptor, index).line + 1;
}

void ConfigSource::AddProblem(int line, absl::string_view text) {
  problems_.push_back(WithPlace(line, text));
}

void ConfigSource::AddNotice(int line, absl::string_view text) {
  notices_.push_back(WithPlace(line, text));
}

std::string ConfigSource::WithPlace(int line, absl::string_view text) const {
  return OneLine(line > 0 ? absl::StrCat(path_, ":", line, ": ", text)
                          : absl::StrCat(path_, ": ", text));
}

std::string ConfigSource::Resolve(absl::string_view path) const {
  const size_t slash = path_.rfind('/');
  if (absl::StartsWith(path, "/") || slash == std::string::npos) return std::string(path);
  return absl::StrCat(path_.substr(0, slash + 1), path);
}

}  // namespace uid2
