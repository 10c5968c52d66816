// SPDX-License-Identifier: Apache-2.0

#include "tests/http/wire/stalling_server.h"

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/fakes/scripted_server.h"

namespace uid2::testing {

std::string StallingServer::Url() const { return absl::StrCat("https://127.0.0.1:", port(), "/"); }

std::unique_ptr<ServerStream> StallingServer::Accept() const {
  return std::make_unique<ServerStream>(ListeningPort::Accept(), &tls_);
}

void ReadRequest(ServerStream& stream, absl::string_view body) {
  std::string request;
  while (request.find(std::string(body)) == std::string::npos) {
    const std::string bytes = stream.Read();
    ASSERT_FALSE(bytes.empty()) << "the client has closed the connection";
    request += bytes;
  }
}

void Answer(ServerStream& stream, absl::string_view body) {
  ReadRequest(stream, body);
  EXPECT_TRUE(stream.Write(ReplyText(200, "reply")));
}

}  // namespace uid2::testing
