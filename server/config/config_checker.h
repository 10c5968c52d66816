#ifndef SERVER_CONFIG_CONFIG_CHECKER_H_
#define SERVER_CONFIG_CONFIG_CHECKER_H_

#include <google/protobuf/duration.pb.h>
#include <google/protobuf/message.h>

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/config/config_source.h"

namespace uid2 {

// Checks one message of a configuration file, and goes into those inside it. What is wrong becomes
// a problem of the source, with the line of the field, or of the message where the field was not
// written. The source and the message must outlive it.
class ConfigChecker {
 public:
  // The whole file.
  explicit ConfigChecker(ConfigSource& source);

  // `index`: of a repeated field's element.
  ConfigChecker Nested(const std::string& field, const google::protobuf::Message& message,
                       int index = -1) const;

  void Problem(const std::string& field, absl::string_view text, int index = -1);
  // The same for what is no problem.
  void Notice(const std::string& field, absl::string_view text);

  // These return what is written, or `otherwise` where it is not `present`. What lies out of range
  // is a problem, and is returned all the same, so that further checks have something to look at.
  absl::Duration Duration(const std::string& field, bool present,
                          const google::protobuf::Duration& value, absl::Duration otherwise,
                          absl::Duration least, absl::Duration most);
  int Number(const std::string& field, bool present, int value, int otherwise, int least, int most);
  // `in_range` must be false for NaN; `range` completes "must be".
  double Share(const std::string& field, bool present, double value, double otherwise,
               bool in_range, absl::string_view range);

 private:
  ConfigChecker(ConfigSource& source, const ConfigSource::Tree* tree,
                const google::protobuf::Message& message, int line)
      : source_(source), tree_(tree), message_(message), line_(line) {}

  int LineOf(const std::string& field, int index) const;

  ConfigSource& source_;
  // Null where the message was not written.
  const ConfigSource::Tree* const tree_;
  const google::protobuf::Message& message_;
  // The message's own; 0 for the file.
  const int line_;
};

}  // namespace uid2

#endif  // SERVER_CONFIG_CONFIG_CHECKER_H_
