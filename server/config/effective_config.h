// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_CONFIG_EFFECTIVE_CONFIG_H_
#define SERVER_CONFIG_EFFECTIVE_CONFIG_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <map>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "uid2/identity/config/v1/server_config.pb.h"

namespace uid2 {

// A configuration with the values that are in effect: those of its file and, once it has been
// checked, the defaults of the fields that the file does not set. It has no secrets, because a
// configuration names only the files that hold them.
class EffectiveConfig {
 public:
  using Field = const google::protobuf::FieldDescriptor*;

  // To be filled. Until then, it must be empty or what the file contains.
  identity::config::v1::ServerConfig& config() { return config_; }

  // Sets `field`, a google.protobuf.Duration, of `message`.
  static void SetDuration(google::protobuf::Message& message, Field field, absl::Duration value);

  // Adds a comment on `field` of `message`, which must be a part of config().
  void Comment(const google::protobuf::Message& message, Field field, absl::string_view text);

  // Returns the configuration in protobuf text format, in the order of its declaration. A comment
  // names each field that has no value.
  std::string Text() const;

 private:
  void PrintMessage(const google::protobuf::Message& message, const std::string& indent,
                    std::string& text) const;
  // `index` is that of an element of a repeated field, otherwise -1.
  void PrintField(const google::protobuf::Message& message, Field field, int index,
                  const std::string& indent, std::string& text) const;

  identity::config::v1::ServerConfig config_;
  std::map<std::pair<const google::protobuf::Message*, Field>, std::string> comments_;
};

}  // namespace uid2

#endif  // SERVER_CONFIG_EFFECTIVE_CONFIG_H_
