#ifndef SERVER_APP_CONFIG_SOURCE_H_
#define SERVER_APP_CONFIG_SOURCE_H_

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

  // Adds "FILE:LINE: `field`: `text`", with the line of `message`'s field where it is set.
  // `index` is that of a repeated field's element, -1 for a singular field.
  void AddProblem(const Tree* tree, const google::protobuf::Message& message,
                  const std::string& field, int index, absl::string_view text);

  const std::vector<std::string>& problems() const { return problems_; }

  // The folder that relative paths in the file start from.
  std::string Resolve(absl::string_view path) const;

 private:
  class Collector;

  std::string path_;
  identity::config::v1::ServerConfig config_;
  Tree tree_;
  std::vector<std::string> problems_;
};

}  // namespace uid2

#endif  // SERVER_APP_CONFIG_SOURCE_H_
