// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_CONFIG_CONFIG_CHECKER_H_
#define SERVER_CONFIG_CONFIG_CHECKER_H_

#include <google/protobuf/duration.pb.h>
#include <google/protobuf/message.h>

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/config/config_source.h"
#include "server/config/effective_config.h"

namespace uid2 {

// Checks one message of a configuration file and the messages inside it. Adds each problem to the
// source, with the line of the field, or with the line of the message if the field is not in the
// file. The source and the message must outlive this object.
class ConfigChecker {
 public:
  // Checks the whole file.
  explicit ConfigChecker(ConfigSource& source);

  // `index` selects an element of a repeated field.
  ConfigChecker Nested(const std::string& field, const google::protobuf::Message& message,
                       int index = -1) const;

  void Problem(const std::string& field, absl::string_view text, int index = -1);
  // Adds a notice, which does not make the configuration invalid.
  void Notice(const std::string& field, absl::string_view text, int index = -1);

  // These return the value in the file, or `otherwise` if it is not `present`, which then also
  // becomes the value in the source's effective configuration. An out-of-range value is a problem,
  // but is still returned so that further checks can use it. An invalid google.protobuf.Duration is
  // a problem too, but `otherwise` is returned.
  absl::Duration Duration(const std::string& field, bool present,
                          const google::protobuf::Duration& value, absl::Duration otherwise,
                          absl::Duration least, absl::Duration most);
  int Number(const std::string& field, bool present, int value, int otherwise, int least, int most);
  int64_t LargeNumber(const std::string& field, bool present, int64_t value, int64_t otherwise,
                      int64_t least, int64_t most);
  // `in_range` must be false for NaN. `range` completes the sentence "must be ...".
  double Share(const std::string& field, bool present, double value, double otherwise,
               bool in_range, absl::string_view range);

  bool Flag(const std::string& field, bool present, bool value, bool otherwise);
  // An empty `value` is one that is not present.
  std::string Text(const std::string& field, const std::string& value,
                   const std::string& otherwise);
  // Returns `value`, a path, relative to the folder of the configuration file; empty if it is
  // empty. In the effective configuration, the path is absolute.
  std::string Path(const std::string& field, const std::string& value);

  // Returns whether the value of `field`, an enum, is one that the field's type has. A number that
  // is none is a problem. `otherwise` is what a field that is not set stands for, if anything.
  bool Enumerated(const std::string& field, int otherwise = 0);

  // Says in the effective configuration what the value of `field` was derived from.
  void DerivedFrom(const std::string& field, absl::string_view text);

 private:
  ConfigChecker(ConfigSource& source, const ConfigSource::Tree* tree,
                const google::protobuf::Message& message, google::protobuf::Message& effective,
                int line)
      : source_(source), tree_(tree), message_(message), effective_(effective), line_(line) {}

  int LineOf(const std::string& field, int index) const;
  void CheckRange(const std::string& field, int64_t value, int64_t least, int64_t most);
  EffectiveConfig::Field FieldOf(const std::string& name) const;

  ConfigSource& source_;
  // Null if the message is not in the file.
  const ConfigSource::Tree* const tree_;
  const google::protobuf::Message& message_;
  // The same message with the values in effect.
  google::protobuf::Message& effective_;
  // The line of the message; 0 for the whole file.
  const int line_;
};

}  // namespace uid2

#endif  // SERVER_CONFIG_CONFIG_CHECKER_H_
