// SPDX-License-Identifier: Apache-2.0

#ifndef TESTS_HTTP_NAMED_SERVER_FIXTURE_H_
#define TESTS_HTTP_NAMED_SERVER_FIXTURE_H_

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <string>

#include "absl/time/time.h"
#include "tests/fakes/name_service.h"
#include "tests/fakes/scripted_server.h"
#include "tests/http/http_transport_fixture.h"

namespace uid2::testing {

// A server on 127.0.0.1, and names that resolve to it.
class NamedServerTest : public HttpTransportTest {
 protected:
  static std::string UrlOf(const std::string& host, const ScriptedServer& server) {
    const std::string url = server.Url();
    return "http://" + host + url.substr(url.rfind(':'));
  }
  std::string UrlOf(const std::string& host) const { return UrlOf(host, server_); }

  uint16_t Port() const {
    const std::string url = server_.Url();
    return static_cast<uint16_t>(atoi(url.c_str() + url.rfind(':') + 1));
  }

  // Whether `condition` holds within ten seconds. For conditions whose changes cannot be awaited.
  static bool Until(const std::function<bool()>& condition) {
    const auto limit = DeadlineIn(absl::Seconds(10));
    while (!condition()) {
      if (std::chrono::steady_clock::now() > limit) return false;
    }
    return true;
  }

  NameService names_;
  const ScriptedServer server_{
      [](const ScriptedServer::Request&) { return Script().Send(ReplyText(200, "")); }};
};

}  // namespace uid2::testing

#endif  // TESTS_HTTP_NAMED_SERVER_FIXTURE_H_
