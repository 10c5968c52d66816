#include "server/app/configuration.h"

#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "server/app/config_source.h"
#include "server/app/listen_address.h"
#include "server/http/url.h"

namespace uid2 {
namespace {

using google::protobuf::util::TimeUtil;
using identity::config::v1::OperatorConnection;
using identity::config::v1::ServerConfig;
using ProtoParticipant = identity::config::v1::Participant;

constexpr size_t kMaxNameSize = 63;

bool IsNameCharacter(char c) {
  return absl::ascii_islower(static_cast<unsigned char>(c)) ||
         absl::ascii_isdigit(static_cast<unsigned char>(c)) || c == '-' || c == '_' || c == '.';
}

// Checks one message of the file: what is wrong goes to the source, with the field's line.
class Checker {
 public:
  // `line` is that of the message itself, for fields that are missing; 0 for the file.
  Checker(ConfigSource& source, const ConfigSource::Tree* tree,
          const google::protobuf::Message& message, int line = 0)
      : source_(source), tree_(tree), message_(message), line_(line) {}

  void Problem(const std::string& field, absl::string_view text) {
    const int line = ConfigSource::LineOf(tree_, message_, field, -1);
    source_.AddProblem(line > 0 ? line : line_, absl::StrCat(field, ": ", text));
  }

  absl::Duration Duration(const std::string& field, bool present,
                          const google::protobuf::Duration& value, absl::Duration otherwise,
                          absl::Duration least, absl::Duration most) {
    if (!present) return otherwise;
    const absl::Duration duration = absl::Nanoseconds(TimeUtil::DurationToNanoseconds(value));
    if (duration < least || duration > most) {
      Problem(field, absl::StrCat("must be from ", absl::FormatDuration(least), " to ",
                                  absl::FormatDuration(most)));
    }
    return duration;
  }

  int Number(const std::string& field, bool present, int value, int otherwise, int least,
             int most) {
    if (!present) return otherwise;
    if (value < least || value > most) {
      Problem(field, absl::StrCat("must be from ", least, " to ", most));
    }
    return value;
  }

  Checker Nested(const std::string& field, const google::protobuf::Message& message,
                 int index = -1) {
    const auto* descriptor = message_.GetDescriptor()->FindFieldByName(field);
    const auto* tree = tree_ == nullptr ? nullptr : tree_->GetTreeForNested(descriptor, index);
    return Checker(source_, tree, message, ConfigSource::LineOf(tree_, message_, field, index));
  }

 private:
  ConfigSource& source_;
  const ConfigSource::Tree* tree_;
  const google::protobuf::Message& message_;
  const int line_;
};

void CheckName(const std::string& name, std::set<std::string>& taken, Checker& check) {
  if (name.empty() || name.size() > kMaxNameSize ||
      !std::all_of(name.begin(), name.end(), IsNameCharacter)) {
    check.Problem("name", absl::StrCat("must be 1 to ", kMaxNameSize,
                                       " characters of a-z, 0-9, \"-\", \"_\" and \".\""));
  } else if (!taken.insert(name).second) {
    check.Problem("name", absl::StrCat("\"", name, "\" is another participant's name already"));
  }
}

void CheckOperatorUrl(const std::string& text, Checker& check) {
  if (text.empty()) {
    check.Problem("operator_url", "is missing; say for example \"https://prod.uidapi.com\"");
    return;
  }
  const absl::StatusOr<Url> url = ParseUrl(text);
  if (!url.ok()) {
    check.Problem("operator_url", url.status().message());
  } else if (url->scheme == "http" && !IsLoopbackHost(url->host)) {
    check.Problem("operator_url", "plain http:// is for loopback hosts only; use https://");
  }
}

absl::optional<Credentials> ReadCredentials(const std::string& written,
                                            const std::string& directory, Checker& check) {
  if (written.empty()) {
    check.Problem("credentials_dir", "is missing; name the folder with api_key and client_secret");
    return absl::nullopt;
  }
  absl::StatusOr<Secret> api_key = LoadApiKey(directory);
  absl::StatusOr<Secret> client_secret = LoadClientSecret(directory);
  for (const absl::Status& status : {api_key.status(), client_secret.status()}) {
    if (!status.ok()) check.Problem("credentials_dir", status.message());
  }
  if (!api_key.ok() || !client_secret.ok()) return absl::nullopt;
  return Credentials{*std::move(api_key), *std::move(client_secret)};
}

void ReadParticipants(ConfigSource& source, Checker& check, Configuration& result) {
  const ServerConfig& config = source.config();
  if (config.participants().empty()) {
    check.Problem("participants",
                  "at least one is needed: a name, a scope, an operator_url and a "
                  "credentials_dir");
  }
  std::set<std::string> names;
  for (int i = 0; i < config.participants_size(); ++i) {
    const ProtoParticipant& proto = config.participants(i);
    Checker nested = check.Nested("participants", proto, i);
    CheckName(proto.name(), names, nested);
    CheckOperatorUrl(proto.operator_url(), nested);
    if (proto.scope() == ProtoParticipant::SCOPE_UNSPECIFIED) {
      nested.Problem("scope", "is missing; say UID2 or EUID");
    }
    absl::optional<Credentials> credentials =
        ReadCredentials(proto.credentials_dir(), source.Resolve(proto.credentials_dir()), nested);
    if (!credentials.has_value()) continue;
    result.participants.push_back({proto.name(), proto.operator_url(),
                                   proto.dii_policy() == ProtoParticipant::OPERATOR
                                       ? DiiPolicy::kOperator
                                       : DiiPolicy::kStrict,
                                   *std::move(credentials)});
  }
}

void ReadOperatorConnection(const ConfigSource& source, Checker& check, Configuration& result) {
  const OperatorConnection& proto = source.config().operator_connection();
  Checker nested = check.Nested("operator_connection", proto);
  CurlHttpClientOptions& http = result.http;
  http.connect_timeout =
      nested.Duration("connect_timeout", proto.has_connect_timeout(), proto.connect_timeout(),
                      absl::Seconds(1), absl::Milliseconds(10), absl::Minutes(1));
  http.request_timeout =
      nested.Duration("request_timeout", proto.has_request_timeout(), proto.request_timeout(),
                      result.max_call_time, absl::Milliseconds(10), absl::Minutes(1));
  http.max_reply_bytes = nested.Number("max_reply_bytes", proto.has_max_reply_bytes(),
                                       proto.max_reply_bytes(), 64 << 10, 4 << 10, 16 << 20);
  http.max_idle_connections =
      nested.Number("max_idle_connections", proto.has_max_idle_connections(),
                    proto.max_idle_connections(), 256, 1, 65536);
  http.max_idle_time =
      nested.Duration("max_idle_time", proto.has_max_idle_time(), proto.max_idle_time(),
                      absl::Seconds(50), absl::Seconds(1), absl::Hours(1));
  if (!proto.ca_file().empty()) http.ca_file = source.Resolve(proto.ca_file());
}

}  // namespace

LoadedConfiguration LoadConfiguration(const std::string& path) {
  ConfigSource source(path);
  LoadedConfiguration loaded;
  if (!source.parsed()) {
    loaded.problems = source.problems();
    return loaded;
  }
  const ServerConfig& config = source.config();
  Checker check(source, &source.tree(), config);
  Configuration result;
  result.listen_address =
      config.listen_address().empty() ? kDefaultListenAddress : config.listen_address();
  const absl::Status address = CheckListenAddress(result.listen_address, config.insecure());
  if (!address.ok()) check.Problem("listen_address", address.message());
  result.reflection = !config.has_reflection() || config.reflection();
  result.max_call_time =
      check.Duration("max_call_time", config.has_max_call_time(), config.max_call_time(),
                     absl::Seconds(5), absl::Milliseconds(100), absl::Minutes(1));
  result.thread_pairs =
      check.Number("thread_pairs", config.has_thread_pairs(), config.thread_pairs(), 1, 1, 64);
  ReadParticipants(source, check, result);
  ReadOperatorConnection(source, check, result);
  Checker drain = check.Nested("drain", config.drain());
  result.drain_delay = drain.Duration("delay", config.drain().has_delay(), config.drain().delay(),
                                      absl::ZeroDuration(), absl::ZeroDuration(), absl::Minutes(5));
  result.drain_timeout =
      drain.Duration("timeout", config.drain().has_timeout(), config.drain().timeout(),
                     absl::Seconds(10), absl::ZeroDuration(), absl::Minutes(5));
  loaded.problems = source.problems();
  if (loaded.problems.empty()) loaded.configuration = std::move(result);
  return loaded;
}

}  // namespace uid2
