// SPDX-License-Identifier: Apache-2.0

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/http/http_client_options.h"
#include "tests/fakes/scripted_server.h"
#include "tests/fakes/test_certificates.h"
#include "tests/http/http_transport_fixture.h"
#include "tests/matchers/status_matchers.h"

namespace uid2::testing {
namespace {

using ::testing::Eq;

class HttpTransportKeylogTest : public HttpTransportTest {};

// The only test in its process: libcurl reads the environment when it is initialized.
TEST_P(HttpTransportKeylogTest, WritesNoSecretsToAFileEvenIfTheEnvironmentSaysSo) {
  const std::string file = ::testing::TempDir() + "/keylog_" + TransportName({GetParam(), 0});
  ASSERT_THAT(setenv("SSLKEYLOGFILE", file.c_str(), 1), Eq(0));
  const ScriptedServer server(
      [](const ScriptedServer::Request&) { return Script().Send(ReplyText(200, "")); },
      authority_.Issue("IP:127.0.0.1"));
  EXPECT_THAT(Post(*MakeClient(Options()), Target(server.Url())), IsOk());
  std::ifstream written(file);
  if (GetParam() == HttpClientOptions::Transport::kLibcurl) {
    ASSERT_TRUE(written.is_open()) << "libcurl has not looked, so this proves nothing";
  }
  EXPECT_THAT(std::string(std::istreambuf_iterator<char>(written), {}), Eq(""));
}

INSTANTIATE_TEST_SUITE_P(, HttpTransportKeylogTest, EachTransport(), TransportName);

}  // namespace
}  // namespace uid2::testing
