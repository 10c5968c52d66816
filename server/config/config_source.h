// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_CONFIG_CONFIG_SOURCE_H_
#define SERVER_CONFIG_CONFIG_SOURCE_H_

#include <google/protobuf/text_format.h>

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/config/effective_config.h"
#include "uid2/identity/config/v1/server_config.pb.h"

namespace uid2 {

// A parsed configuration file, with the line number of every field.
class ConfigSource {
 public:
  // Reads and parses `path`. Unknown fields, syntax errors and an unreadable file are problems.
  explicit ConfigSource(const std::string& path);

  using Tree = google::protobuf::TextFormat::ParseInfoTree;

  const identity::config::v1::ServerConfig& config() const { return config_; }
  const Tree& tree() const { return tree_; }

  // Begins as config(); the checks add the defaults.
  EffectiveConfig& effective() { return effective_; }

  // The line of `field` in `message`, starting from 1, or 0 if it is not in the file. `tree` is the
  // part of tree() for the message, or null if the message is not in the file. `index` is the index
  // in a repeated field, or -1 for a singular field.
  static int LineOf(const Tree* tree, const google::protobuf::Message& message,
                    const std::string& field, int index);

  // Adds "FILE:LINE: `text`", or "FILE: `text`" if `line` is 0. Control characters are escaped.
  void AddProblem(int line, absl::string_view text);
  // Adds a notice, which does not make the configuration invalid.
  void AddNotice(int line, absl::string_view text);

  // Whether the file could be parsed, apart from unknown fields, so that its values can be checked.
  bool parsed() const { return parsed_; }

  const std::vector<std::string>& problems() const { return problems_; }
  const std::vector<std::string>& notices() const { return notices_; }

  // Resolves `path` relative to the folder of the configuration file.
  std::string Resolve(absl::string_view path) const;

 private:
  class Collector;

  std::string WithPlace(int line, absl::string_view text) const;

  std::string path_;
  identity::config::v1::ServerConfig config_;
  Tree tree_;
  EffectiveConfig effective_;
  bool parsed_ = false;
  std::vector<std::string> problems_;
  std::vector<std::string> notices_;
};

}  // namespace uid2

#endif  // SERVER_CONFIG_CONFIG_SOURCE_H_
