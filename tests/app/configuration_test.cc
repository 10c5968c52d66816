#include "server/app/configuration.h"

#include <sys/stat.h>

#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace uid2 {
namespace {

using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kParticipant[] =
    "participants {\n"
    "  name: \"brand\"\n"
    "  scope: UID2\n"
    "  operator_url: \"https://operator.example\"\n"
    "  credentials_dir: \"credentials\"\n"
    "}\n";

class LoadConfigurationTest : public ::testing::Test {
 protected:
  LoadConfigurationTest()
      : directory_(absl::StrCat(::testing::TempDir(), "/",
                                ::testing::UnitTest::GetInstance()->current_test_info()->name())),
        path_(directory_ + "/server.txtpb") {
    mkdir(directory_.c_str(), 0700);
    mkdir((directory_ + "/credentials").c_str(), 0700);
    std::ofstream(directory_ + "/credentials/api_key") << "UID2-C-L-999-fCXrMM";
    std::ofstream(directory_ + "/credentials/client_secret")
        << "ioG3wKxAokmp+rERx6A4kM/13qhyolUXIu14WN16Spo=";
  }

  LoadedConfiguration Load(const std::string& text) {
    std::ofstream(path_) << text;
    return LoadConfiguration(path_);
  }

  // The problems that `text` has, without the file's name.
  std::string Problems(const std::string& text) {
    std::string problems = absl::StrJoin(Load(text).problems, "\n");
    for (size_t at; (at = problems.find(path_)) != std::string::npos;) {
      problems.erase(at, path_.size());
    }
    return problems;
  }

  const std::string directory_;
  const std::string path_;
};

TEST_F(LoadConfigurationTest, WhatIsNotSaidHasItsDocumentedDefault) {
  const LoadedConfiguration loaded = Load(kParticipant);
  EXPECT_THAT(loaded.problems, IsEmpty());
  ASSERT_TRUE(loaded.configuration.has_value());
  const Configuration& configuration = *loaded.configuration;
  EXPECT_THAT(configuration.listen_address, Eq("127.0.0.1:50051"));
  EXPECT_TRUE(configuration.reflection);
  EXPECT_THAT(configuration.max_call_time, Eq(absl::Seconds(5)));
  EXPECT_THAT(configuration.http.connect_timeout, Eq(absl::Seconds(1)));
  EXPECT_THAT(configuration.http.request_timeout, Eq(absl::Seconds(5)));
  EXPECT_THAT(configuration.http.max_reply_bytes, Eq(65536));
  EXPECT_THAT(configuration.http.max_idle_connections, Eq(256));
  EXPECT_THAT(configuration.http.max_idle_time, Eq(absl::Seconds(50)));
  EXPECT_THAT(configuration.http.ca_file, Eq(""));
  EXPECT_THAT(configuration.drain_delay, Eq(absl::ZeroDuration()));
  EXPECT_THAT(configuration.drain_timeout, Eq(absl::Seconds(10)));
  EXPECT_THAT(configuration.thread_pairs, Eq(1));
  ASSERT_THAT(configuration.participants, SizeIs(1));
  EXPECT_THAT(configuration.participants[0].name, Eq("brand"));
  EXPECT_THAT(configuration.participants[0].dii_policy, Eq(DiiPolicy::kStrict));
  EXPECT_THAT(configuration.participants[0].credentials.api_key.Reveal(),
              Eq("UID2-C-L-999-fCXrMM"));
}

TEST_F(LoadConfigurationTest, EveryFieldIsTaken) {
  const LoadedConfiguration loaded = Load(
      "listen_address: \"0.0.0.0:1\" insecure: true reflection: false\n"
      "max_call_time { seconds: 2 } thread_pairs: 3\n"
      "operator_connection { connect_timeout { nanos: 500000000 } request_timeout { seconds: 1 }\n"
      "  max_reply_bytes: 5000 max_idle_connections: 7 max_idle_time { seconds: 9 }\n"
      "  ca_file: \"ca.pem\" }\n"
      "drain { delay { seconds: 4 } timeout { seconds: 6 } }\n"
      "participants { name: \"b\" scope: EUID operator_url: \"http://127.0.0.1:1\"\n"
      "  credentials_dir: \"credentials\" dii_policy: OPERATOR }\n");
  EXPECT_THAT(loaded.problems, IsEmpty());
  ASSERT_TRUE(loaded.configuration.has_value());
  const Configuration& configuration = *loaded.configuration;
  EXPECT_THAT(configuration.listen_address, Eq("0.0.0.0:1"));
  EXPECT_FALSE(configuration.reflection);
  EXPECT_THAT(configuration.max_call_time, Eq(absl::Seconds(2)));
  EXPECT_THAT(configuration.thread_pairs, Eq(3));
  EXPECT_THAT(configuration.http.connect_timeout, Eq(absl::Milliseconds(500)));
  EXPECT_THAT(configuration.http.request_timeout, Eq(absl::Seconds(1)));
  EXPECT_THAT(configuration.http.max_reply_bytes, Eq(5000));
  EXPECT_THAT(configuration.http.max_idle_connections, Eq(7));
  EXPECT_THAT(configuration.http.max_idle_time, Eq(absl::Seconds(9)));
  EXPECT_THAT(configuration.http.ca_file, Eq(directory_ + "/ca.pem"));
  EXPECT_THAT(configuration.drain_delay, Eq(absl::Seconds(4)));
  EXPECT_THAT(configuration.drain_timeout, Eq(absl::Seconds(6)));
  EXPECT_THAT(configuration.participants[0].dii_policy, Eq(DiiPolicy::kOperator));
}

TEST_F(LoadConfigurationTest, EveryProblemIsSaidAtOnceWithItsLine) {
  EXPECT_THAT(
      Load("listen_address: \"0.0.0.0:1\"\n"
           "reflexion: true\n"
           "max_call_time { seconds: 3600 }\n"
           "participants {\n"
           "  name: \"Brand\"\n"
           "  operator_url: \"http://operator.example\"\n"
           "  credentials_dir: \"nowhere\"\n"
           "}\n"
           "operator_connection {\n"
           "  max_reply_bytes: 1\n"
           "}\n")
          .problems,
      ElementsAre(HasSubstr(":2:10: Message type"),
                  HasSubstr(":1: listen_address: peers are not authenticated"),
                  HasSubstr(":3: max_call_time: must be from 100ms to 1m"),
                  HasSubstr(":5: name: must be 1 to 63 characters"),
                  HasSubstr(":6: operator_url: plain http://"), HasSubstr(":4: scope: is missing"),
                  HasSubstr(":7: credentials_dir: cannot read"),
                  HasSubstr(":7: credentials_dir: cannot read"),
                  HasSubstr(":10: max_reply_bytes: must be from 4096 to 16777216")));
}

TEST_F(LoadConfigurationTest, ASyntaxErrorIsSaidWithLineAndColumn) {
  EXPECT_THAT(Problems("participants {\n  name \"brand\"\n"), HasSubstr(":2:8: "));
}

TEST_F(LoadConfigurationTest, AFileThatCannotBeReadIsSaid) {
  const LoadedConfiguration loaded = LoadConfiguration(directory_ + "/nowhere.txtpb");
  EXPECT_THAT(loaded.problems, ElementsAre(HasSubstr("/nowhere.txtpb: cannot read: No such file")));
  EXPECT_FALSE(loaded.configuration.has_value());
}

TEST_F(LoadConfigurationTest, AnEmptyFileNeedsAParticipant) {
  EXPECT_THAT(Problems(""), HasSubstr("participants: at least one is needed"));
}

TEST_F(LoadConfigurationTest, ANameMayStandOnce) {
  EXPECT_THAT(Problems(absl::StrCat(kParticipant, kParticipant)),
              Eq(":8: name: \"brand\" is another participant's name already"));
}

TEST_F(LoadConfigurationTest, NothingOfACredentialIsSaid) {
  std::ofstream(directory_ + "/credentials/client_secret") << "canary";
  std::ofstream(directory_ + "/credentials/api_key") << "canary key";
  EXPECT_THAT(Problems(kParticipant), ::testing::Not(HasSubstr("canary")));
}

}  // namespace
}  // namespace uid2
