#ifndef SERVER_CONFIG_CONFIG_SOURCE_H_
#define SERVER_CONFIG_CONFIG_SOURCE_H_

#include <google/protobuf/text_format.h>

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "uid2/identity/config/v1/server_config.pb.h"

namespace uid2 {

// A configuration file as it was written, and where in it everything stands.
class ConfigSource {
 public:
  // Reads and parses `path`. Unknown fields, syntax errors and an unreadable file are problems.
  explicit ConfigSource(const std::string& path);

  using Tree = google::protobuf::TextFormat::ParseInfoTree;

  const identity::config::v1::ServerConfig& config() const { return config_; }
  const Tree& tree() const { return tree_; }

  // The line on which `field` of `message` stands, from 1; 0 where it was not written. `tree` is
  // the message's own part of tree(), null where the message was not written. `index` is that of a
  // repeated field's element, -1 for a singular field.
  static int LineOf(const Tree* tree, const google::protobuf::Message& message,
                    const std::string& field, int index);

  // Adds "FILE:LINE: `text`"; without the line where it is 0.
  void AddProblem(int line, absl::string_view text);
  // The same for what is no problem.
  void AddNotice(int line, absl::string_view text);

  // Whether the text was understood but for fields that do not exist; judging it makes sense then.
  bool parsed() const { return parsed_; }

  const std::vector<std::string>& problems() const { return problems_; }
  const std::vector<std::string>& notices() const { return notices_; }

  // The folder that relative paths in the file start from.
  std::string Resolve(absl::string_view path) const;

 private:
  class Collector;

  std::string WithPlace(int line, absl::string_view text) const;

  std::string path_;
  identity::config::v1::ServerConfig config_;
  Tree tree_;
  bool parsed_ = false;
  std::vector<std::string> problems_;
  std::vector<std::string> notices_;
};

}  // namespace uid2

#endif  // SERVER_CONFIG_CONFIG_SOURCE_H_
