// SPDX-License-Identifier: Apache-2.0

#include <cstdlib>
#include <fstream>
#include <string>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/http/http_transport.h"
#include "tests/fakes/scripted_server.h"
#include "tests/fakes/test_certificates.h"
#include "tests/http/http_transport_fixture.h"
#include "tests/matchers/status_matchers.h"

namespace uid2::testing {
namespace {

using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

// The environment of the process does not affect where requests go, which servers they trust or
// what they contain. SSLKEYLOGFILE has its own test.
class HttpTransportEnvironmentTest : public HttpTransportTest {
 protected:
  static Script Answer(const ScriptedServer::Request& /*request*/) {
    return Script().Send(ReplyText(200, "reply"));
  }

  static void Set(const std::string& name, const std::string& value) {
    ASSERT_THAT(setenv(name.c_str(), value.c_str(), 1), Eq(0));
  }
};

TEST_P(HttpTransportEnvironmentTest, ConnectsToTheHostEvenIfTheEnvironmentNamesAProxy) {
  const ScriptedServer proxy(&Answer);
  const ScriptedServer clear(&Answer);
  const ScriptedServer tls(&Answer, authority_.Issue("IP:127.0.0.1"));
  for (const char* name : {"http_proxy", "https_proxy", "all_proxy", "HTTPS_PROXY", "ALL_PROXY"}) {
    Set(name, proxy.Url());
  }
  const auto client = MakeClient(Options());
  EXPECT_THAT(Post(*client, Target(clear.Url())), IsOk());
  EXPECT_THAT(Post(*client, Target(tls.Url())), IsOk());
  EXPECT_THAT(proxy.connections(), Eq(0));
  EXPECT_THAT(clear.connections(), Eq(1));
  EXPECT_THAT(tls.connections(), Eq(1));
}

TEST_P(HttpTransportEnvironmentTest, TrustsOnlyItsFileEvenIfTheEnvironmentNamesAnother) {
  const TestAuthority stranger("stranger");
  const ScriptedServer strange(&Answer, stranger.Issue("IP:127.0.0.1"));
  const ScriptedServer known(&Answer, authority_.Issue("IP:127.0.0.1"));
  const std::string folder = ::testing::TempDir() + "/strangers";
  stranger.AddToFolder(folder);
  for (const char* name : {"SSL_CERT_FILE", "CURL_CA_BUNDLE"}) {
    Set(name, stranger.CertificateFile());
  }
  Set("SSL_CERT_DIR", folder);
  for (const auto& trust_store : {trust_store_, LoadTrustStore("")}) {
    const auto client = MakeClient(Options(), trust_store);
    EXPECT_TRUE(PostInVain(*client, Target(strange.Url())).certificate_fault);
  }
  EXPECT_THAT(Post(*MakeClient(Options()), Target(known.Url())), IsOk());
}

TEST_P(HttpTransportEnvironmentTest, SendsNoPasswordFromTheHomeDirectory) {
  const std::string home = ::testing::TempDir();
  std::ofstream netrc(home + "/.netrc", std::ios::trunc);
  netrc << "machine 127.0.0.1 login user password secret\ndefault login user password secret\n";
  ASSERT_TRUE(netrc.flush().good());
  Set("HOME", home);
  const ScriptedServer server(&Answer);
  EXPECT_THAT(Post(*MakeClient(Options()), Target(server.Url())), IsOk());
  ASSERT_THAT(server.requests(), SizeIs(1));
  EXPECT_THAT(server.requests()[0].head, Not(HasSubstr("Authorization")));
}

INSTANTIATE_TEST_SUITE_P(, HttpTransportEnvironmentTest, EachTransport(), TransportName);

}  // namespace
}  // namespace uid2::testing
