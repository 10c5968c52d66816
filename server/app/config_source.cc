#include "server/app/config_source.h"

#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/io/zero_copy_stream_impl.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace uid2 {

using google::protobuf::FieldDescriptor;

class ConfigSource::Collector : public google::protobuf::io::ErrorCollector {
 public:
  explicit Collector(ConfigSource& source) : source_(source) {}

  void AddError(int line, google::protobuf::io::ColumnNumber column,
                const std::string& message) override {
    source_.problems_.push_back(
        absl::StrCat(source_.path_, ":", line + 1, ":", column + 1, ": ", message));
  }

  // The parser stops at an unknown field unless it is told to warn; all of them are wanted.
  void AddWarning(int line, google::protobuf::io::ColumnNumber column,
                  const std::string& message) override {
    AddError(line, column, message);
  }

 private:
  ConfigSource& source_;
};

ConfigSource::ConfigSource(const std::string& path) : path_(path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    problems_.push_back(absl::StrCat(path, ": cannot read: ", std::strerror(errno)));
    return;
  }
  google::protobuf::io::IstreamInputStream stream(&file);
  Collector collector(*this);
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&collector);
  parser.WriteLocationsTo(&tree_);
  parser.AllowUnknownField(true);
  if (!parser.Parse(&stream, &config_) && problems_.empty()) {
    problems_.push_back(absl::StrCat(path, ": not a configuration in protobuf text format"));
  }
  if (file.bad()) problems_.push_back(absl::StrCat(path, ": cannot read it to its end"));
}

void ConfigSource::AddProblem(const Tree* tree, const google::protobuf::Message& message,
                              const std::string& field, int index, absl::string_view text) {
  int line = -1;
  const FieldDescriptor* descriptor = message.GetDescriptor()->FindFieldByName(field);
  if (tree != nullptr && descriptor != nullptr) {
    line = tree->GetLocation(descriptor, index).line;
  }
  const std::string where = line < 0 ? path_ : absl::StrCat(path_, ":", line + 1);
  problems_.push_back(absl::StrCat(where, ": ", field, ": ", text));
}

std::string ConfigSource::Resolve(absl::string_view path) const {
  const size_t slash = path_.rfind('/');
  if (absl::StartsWith(path, "/") || slash == std::string::npos) return std::string(path);
  return absl::StrCat(path_.substr(0, slash + 1), path);
}

}  // namespace uid2
