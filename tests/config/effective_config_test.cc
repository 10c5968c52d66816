// SPDX-License-Identifier: Apache-2.0

#include "server/config/effective_config.h"

#include <google/protobuf/duration.pb.h>
#include <google/protobuf/text_format.h>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/config/configuration.h"
#include "tests/config/load_configuration_fixture.h"
#include "tests/fakes/test_certificates.h"
#include "tests/matchers/proto_matchers.h"
#include "uid2/identity/config/v1/server_config.pb.h"

namespace uid2 {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::TextFormat;
using identity::config::v1::ServerConfig;
using ::testing::AllOf;
using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using uid2::testing::EqualsProto;
using uid2::testing::kParticipant;
using uid2::testing::TestAuthority;
using uid2::testing::TestCertificate;

// Values for the fields that the sample only mentions in comments. DIR is the test's folder.
constexpr char kMore[] = R"(
    listen_address: "127.0.0.1:1"
    admin_address: "127.0.0.1:2"
    tls {
      certificate_file: "DIR/tls.crt"
      private_key_file: "DIR/tls.key"
      client_ca_file: "DIR/ca.crt"
    }
    runtime_dir: "DIR/run"
    max_calls_in_flight: 2048
    client_connections { max_concurrent_streams: 2148 }
    callers { san: "spiffe://example.com/web" participants: "publisher" max_share: 0.5 }
    operator_connection {
      ca_file: "DIR/ca.crt"
      proxy_url: "http://proxy.example:3128"
      proxy_credentials_file: "DIR/proxy"
    }
    synthetic_probe { interval { seconds: 60 } timeout { seconds: 5 } }
)";

bool IsMessage(EffectiveConfig::Field field) {
  return field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
}

// Calls `visit` for each field of `root`, and of the messages in it. Elements of a repeated field
// are visited if there are any.
template <typename Visit>
void ForEachField(Message& root, const Visit& visit) {
  std::vector<Message*> unvisited = {&root};
  while (!unvisited.empty()) {
    Message& message = *unvisited.back();
    unvisited.pop_back();
    const auto* reflection = message.GetReflection();
    for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
      const auto* field = message.GetDescriptor()->field(i);
      visit(message, field);
      if (!IsMessage(field) || field->message_type() == google::protobuf::Duration::descriptor()) {
        continue;
      }
      if (!field->is_repeated()) {
        unvisited.push_back(reflection->MutableMessage(&message, field));
        continue;
      }
      for (int index = 0; index < reflection->FieldSize(message, field); ++index) {
        unvisited.push_back(reflection->MutableRepeatedMessage(&message, field, index));
      }
    }
  }
}

// Replaces a value, which may be the default, by one that is not. Leaves names as they are.
void Change(Message& message, EffectiveConfig::Field field) {
  if (field->is_repeated()) return;
  const auto* reflection = message.GetReflection();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return reflection->SetInt32(&message, field, reflection->GetInt32(message, field) + 1);
    case FieldDescriptor::CPPTYPE_INT64:
      return reflection->SetInt64(&message, field, reflection->GetInt64(message, field) + 1);
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return reflection->SetDouble(&message, field, reflection->GetDouble(message, field) * 0.9);
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection->SetBool(&message, field, !reflection->GetBool(message, field));
    case FieldDescriptor::CPPTYPE_ENUM: {
      const int values = field->enum_type()->value_count() - 1;
      return reflection->SetEnumValue(&message, field,
                                      reflection->GetEnumValue(message, field) % values + 1);
    }
    default:
      if (IsMessage(field) && field->message_type() == google::protobuf::Duration::descriptor()) {
        auto* duration =
            static_cast<google::protobuf::Duration*>(reflection->MutableMessage(&message, field));
        duration->set_nanos(duration->nanos() + 1'000'000);
      }
  }
}

class EffectiveConfigTest : public uid2::testing::LoadConfigurationTest {
 protected:
  EffectiveConfigTest() {
    const TestCertificate pair = authority_.Issue("DNS:example.test");
    std::ofstream(directory_ + "/tls.crt") << pair.certificate;
    std::ofstream(directory_ + "/tls.key") << pair.key;
    std::ofstream(directory_ + "/ca.crt") << authority_.certificate();
    std::ofstream(directory_ + "/proxy") << "user:planted-password";
  }

  // What is in effect with `text` in the file.
  std::string Effective(const std::string& text) {
    LoadedConfiguration loaded = Load(text);
    EXPECT_THAT(loaded.problems, IsEmpty());
    return loaded.effective;
  }

  static ServerConfig Parse(const std::string& text) {
    ServerConfig config;
    EXPECT_TRUE(TextFormat::ParseFromString(text, &config)) << text;
    return config;
  }

  // A configuration that sets every field, to a value that is not the default.
  ServerConfig EveryField() const {
    std::stringstream sample;
    sample << std::ifstream("deploy/local/server.txtpb").rdbuf();
    ServerConfig config = Parse(sample.str());
    EXPECT_TRUE(
        TextFormat::MergeFromString(absl::StrReplaceAll(kMore, {{"DIR", directory_}}), &config));
    config.mutable_participants(0)->set_credentials_dir(directory_ + "/credentials");
    ForEachField(config, [](Message& message, EffectiveConfig::Field field) {
      const auto* reflection = message.GetReflection();
      EXPECT_TRUE(field->is_repeated() ? reflection->FieldSize(message, field) > 0
                                       : reflection->HasField(message, field))
          << field->full_name() << ": set it in deploy/local/server.txtpb or in kMore";
      Change(message, field);
    });
    return config;
  }

  const TestAuthority authority_ = TestAuthority("authority");
};

TEST_F(EffectiveConfigTest, EveryValueOfTheFileIsInEffect) {
  std::string written;
  TextFormat::PrintToString(EveryField(), &written);
  EXPECT_THAT(Parse(Effective(written)), EqualsProto(written));
}

TEST_F(EffectiveConfigTest, AFileWithTheValuesInEffectHasTheSameEffect) {
  std::string every_field;
  TextFormat::PrintToString(EveryField(), &every_field);
  for (const std::string& text : {std::string(kParticipant), every_field}) {
    const std::string once = Effective(text);
    const std::string twice = Effective(once);
    // Comments may differ, because no value of the second file was derived.
    EXPECT_THAT(Parse(twice), EqualsProto(once));
    EXPECT_THAT(Effective(twice), Eq(twice));
  }
}

TEST_F(EffectiveConfigTest, ADerivedValueHasACommentAndASetOneHasNone) {
  const std::string text = absl::StrCat(kParticipant,
                                        "max_call_time { seconds: 2 }\n"
                                        "retry_policy { max_backoff { nanos: 20000000 } }\n"
                                        "address_ejection { base_ejection_time { seconds: 9 } }\n");
  const LoadedConfiguration loaded = Load(text, 1024);
  EXPECT_THAT(
      loaded.effective,
      AllOf(HasSubstr("\nmax_calls_in_flight: 384  # 2048, lowered to fit 1024 open files\n"),
            HasSubstr("\n  max_concurrent_streams: 484  # max_calls_in_flight plus 100\n"),
            HasSubstr("\n  max_connection_age_grace { seconds: 7 }  # max_call_time plus 5s\n"),
            HasSubstr("\n  initial_backoff { nanos: 20000000 }  # max_backoff\n"),
            HasSubstr("\n  initial_overload_backoff { nanos: 20000000 }  # max_backoff\n"),
            HasSubstr("\n  max_ejection_time { seconds: 9 }  # base_ejection_time\n"),
            HasSubstr(absl::StrCat("\n  ca_file: \"", TrustStore::kSystemFile,
                                   "\"  # the system's authorities\n"))));
  EXPECT_THAT(Effective(loaded.effective), Not(HasSubstr("  # max")));
}

TEST_F(EffectiveConfigTest, TheTransportIsDerivedFromWhatOnlyLibcurlHas) {
  struct Row {
    const char* text;
    const char* effective;
  };
  for (const Row& row :
       {Row{"", "\n  transport: LEAN\n"},
        Row{"http_version: HTTP_2", "\n  transport: LIBCURL  # http_version is HTTP_2\n"},
        Row{"proxy_url: \"http://proxy.example:3128\"",
            "\n  transport: LIBCURL  # proxy_url is set\n"},
        Row{"transport: LIBCURL", "\n  transport: LIBCURL\n"}}) {
    EXPECT_THAT(Effective(absl::StrCat(kParticipant, "operator_connection { ", row.text, " }\n")),
                HasSubstr(row.effective));
  }
}

TEST_F(EffectiveConfigTest, TheSharesOfAuthenticatedCallersAreDerived) {
  const std::string effective =
      Effective(absl::StrCat(kParticipant,
                             "tls { certificate_file: \"tls.crt\" private_key_file: \"tls.key\"\n"
                             "  client_ca_file: \"ca.crt\" }\n"
                             "runtime_dir: \"run\"\n"
                             "callers { san: \"a.example\" max_share: 0.5 }\n"
                             "callers { san: \"*\" }\n"));
  EXPECT_THAT(effective, AllOf(HasSubstr("\nmax_caller_share: 0.7  # clients are authenticated\n"),
                               HasSubstr("\n  max_share: 0.5\n"),
                               HasSubstr("\n  max_share: 0.7  # max_caller_share\n")));
}

TEST_F(EffectiveConfigTest, PathsAreAbsoluteAndFieldsWithoutAValueAreNamed) {
  EXPECT_THAT(
      Effective(kParticipant),
      AllOf(HasSubstr(absl::StrCat("\n  credentials_dir: \"", directory_, "/credentials\"")),
            HasSubstr("\n# tls is not set\n"), HasSubstr("\n# callers is not set\n"),
            HasSubstr("\n  # proxy_url is not set\n")));
}

TEST_F(EffectiveConfigTest, NoFileThatHoldsASecretIsShown) {
  std::string written;
  TextFormat::PrintToString(EveryField(), &written);
  const std::string effective = Effective(written);
  EXPECT_THAT(effective, HasSubstr(directory_ + "/proxy"));
  for (const char* secret : {"UID2-C-L-999", "fCXrMM", "ioG3wKxAokmp", "planted-password",
                             "user:", "PRIVATE KEY", "BEGIN"}) {
    EXPECT_THAT(effective, Not(HasSubstr(secret)));
  }
}

TEST_F(EffectiveConfigTest, AConfigurationWithAProblemHasNoEffect) {
  EXPECT_THAT(Load(absl::StrCat(kParticipant, "workers: 65\n")).effective, IsEmpty());
}

}  // namespace
}  // namespace uid2
