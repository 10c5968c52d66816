// SPDX-License-Identifier: Apache-2.0

// The sample configurations in deploy/.

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/config/configuration.h"
#include "tests/config/load_configuration_fixture.h"
#include "tests/fakes/test_certificates.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using uid2::testing::kManyFiles;
using uid2::testing::LoadConfigurationTest;
using uid2::testing::TestAuthority;
using uid2::testing::TestCertificate;

constexpr char kFull[] = "deploy/local/server.txtpb";
constexpr char kMinimal[] = "deploy/local/minimal.txtpb";

class SamplesTest : public LoadConfigurationTest {
 protected:
  static LoadedConfiguration LoadSample(const std::string& path, int64_t files = kManyFiles) {
    return LoadConfiguration(path, files, absl::Now());
  }

  static std::string WithoutComments(const std::string& text) {
    std::vector<std::string> lines;
    for (absl::string_view line : absl::StrSplit(text, '\n')) {
      line = absl::StripTrailingAsciiWhitespace(line.substr(0, line.find('#')));
      if (!line.empty()) lines.emplace_back(line);
    }
    return absl::StrJoin(lines, "\n");
  }

  // The minimal sample with the lines for clients on other hosts, and files to match.
  std::string ForOtherHosts() const {
    const TestAuthority authority("authority");
    const TestCertificate pair = authority.Issue("DNS:example.test");
    std::ofstream(directory_ + "/tls.crt") << pair.certificate;
    std::ofstream(directory_ + "/tls.key") << pair.key;
    std::ofstream(directory_ + "/ca.crt") << authority.certificate();
    std::stringstream sample;
    sample << std::ifstream(kMinimal).rdbuf();
    const std::string text = sample.str();
    const size_t begin = text.find("# listen_address");
    EXPECT_THAT(begin, Not(Eq(std::string::npos)));
    const std::string lines = absl::StrReplaceAll(text.substr(begin), {{"# ", ""}});
    return text.substr(0, begin) +
           absl::StrReplaceAll(lines, {{"/etc/identity-server/tls", directory_},
                                       {"/run/identity-server", directory_ + "/run"}});
  }
};

TEST_F(SamplesTest, TheFullSampleHasTheValuesThatAreInEffectWithoutThem) {
  const LoadedConfiguration full = LoadSample(kFull);
  const LoadedConfiguration minimal = LoadSample(kMinimal);
  for (const LoadedConfiguration& loaded : {full, minimal}) {
    EXPECT_THAT(loaded.problems, IsEmpty());
    EXPECT_THAT(loaded.notices, IsEmpty());
    ASSERT_THAT(loaded.effective, Not(IsEmpty()));
  }
  EXPECT_THAT(WithoutComments(full.effective), Eq(WithoutComments(minimal.effective)));
}

TEST_F(SamplesTest, TheCallsInFlightAreLoweredToFitTheOpenFiles) {
  for (const char* sample : {kFull, kMinimal}) {
    const LoadedConfiguration loaded = LoadSample(sample, 1024);
    EXPECT_THAT(loaded.problems, IsEmpty());
    ASSERT_TRUE(loaded.configuration.has_value()) << sample;
    EXPECT_THAT(loaded.configuration->max_calls_in_flight, Eq(384));
    EXPECT_THAT(loaded.configuration->client_connections.max_concurrent_streams, Eq(484));
  }
}

TEST_F(SamplesTest, TheLinesForOtherHostsInTheMinimalSampleAreEnough) {
  const LoadedConfiguration loaded = Load(ForOtherHosts());
  EXPECT_THAT(loaded.problems, IsEmpty());
  EXPECT_THAT(loaded.notices, IsEmpty());
  ASSERT_TRUE(loaded.configuration.has_value());
  EXPECT_TRUE(loaded.configuration->tls->authenticates_clients());
  EXPECT_THAT(loaded.configuration->listen_address, Eq("0.0.0.0:50051"));
}

TEST_F(SamplesTest, NoneOfTheLinesForOtherHostsCanBeLeftOut) {
  const std::string all = ForOtherHosts();
  for (const char* field :
       {"certificate_file", "private_key_file", "client_ca_file", "runtime_dir", "callers"}) {
    std::vector<std::string> lines = absl::StrSplit(all, '\n');
    const size_t before = lines.size();
    lines.erase(std::remove_if(lines.begin(), lines.end(),
                               [field](const std::string& line) {
                                 return absl::StartsWith(absl::StripLeadingAsciiWhitespace(line),
                                                         field);
                               }),
                lines.end());
    ASSERT_THAT(lines.size(), Eq(before - 1)) << field;
    EXPECT_THAT(Problems(absl::StrJoin(lines, "\n")), HasSubstr(field));
  }
}

}  // namespace
}  // namespace uid2
