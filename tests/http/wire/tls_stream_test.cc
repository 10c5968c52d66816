// SPDX-License-Identifier: Apache-2.0

#include "server/http/wire/tls_stream.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/http/wire/byte_stream.h"
#include "tests/fakes/server_stream.h"
#include "tests/fakes/test_certificates.h"
#include "tests/http/wire/socket_pair.h"
#include "tests/http/wire/tls_peer.h"
#include "tests/http/wire/tls_stream_fixture.h"
#include "tests/matchers/status_matchers.h"

namespace uid2::testing {
namespace {

using ::testing::Eq;
using ::testing::Gt;
using ::testing::IsEmpty;
using ::testing::IsNull;

using Wait = ByteStream::Wait;

constexpr int kVersions[] = {TLS1_2_VERSION, TLS1_3_VERSION};

std::string Sni(const TlsPeer& server) {
  const char* const name = SSL_get_servername(server.ssl(), TLSEXT_NAMETYPE_host_name);
  return name == nullptr ? "" : name;
}

TEST_F(TlsStreamTest, CarriesBytesBothWays) {
  for (const int version : kVersions) {
    SetVersion(version);
    Connected();
    EXPECT_THAT(SSL_version(server_->ssl()), Eq(version));
    const auto sent = client_->Send("request");
    ASSERT_THAT(sent, IsOk());
    EXPECT_THAT(sent->bytes, Eq(7));
    EXPECT_THAT(sent->wait, Eq(Wait::kNone));
    EXPECT_THAT(server_->Read(7), Eq("request"));
    ASSERT_TRUE(server_->Write("reply"));
    ASSERT_TRUE(Await(*client_, Wait::kRead));
    const auto received = ReceiveAll(*client_);
    ASSERT_THAT(received, IsOk());
    EXPECT_THAT(received->bytes, Eq("reply"));
    EXPECT_THAT(received->wait, Eq(Wait::kRead));
    EXPECT_FALSE(received->end);
  }
}

TEST_F(TlsStreamTest, WaitsForTheOtherSideInTheHandshake) {
  SocketPair sockets = Connect();
  client_ = NewClient(std::move(sockets.client));
  for (int i = 0; i < 3; ++i) EXPECT_THAT(client_->Handshake().value(), Eq(Wait::kRead));
  server_.emplace(std::move(sockets.server), tls_);
  EXPECT_THAT(Handshake(*client_, *server_).value(), Eq(Wait::kNone));
}

TEST_F(TlsStreamTest, OffersHttp11) {
  SSL_CTX_set_alpn_select_cb(
      tls_.context(),
      [](SSL*, const unsigned char** out, unsigned char* size, const unsigned char* offered,
         unsigned int, void*) {
        *out = offered + 1;
        *size = offered[0];
        return SSL_TLSEXT_ERR_OK;
      },
      nullptr);
  Connected();
  const unsigned char* name = nullptr;
  unsigned int size = 0;
  SSL_get0_alpn_selected(server_->ssl(), &name, &size);
  EXPECT_THAT(std::string(reinterpret_cast<const char*>(name), size), Eq("http/1.1"));
}

TEST_F(TlsStreamTest, TellsTheServerANameButNoAddress) {
  const ServerTls named(authority_.Issue("DNS:operator.test,IP:127.0.0.1,IP:::1"));
  struct Row {
    std::string host;
    std::string sni;
  };
  const Row rows[] = {{"operator.test", "operator.test"},
                      {"Operator.TEST.", "operator.test"},
                      {"127.0.0.1", ""},
                      {"::1", ""}};
  for (const Row& row : rows) {
    EXPECT_THAT(TryHandshake(named, row.host), IsOk()) << row.host;
    EXPECT_THAT(Sni(*server_), Eq(row.sni)) << row.host;
  }
}

TEST_F(TlsStreamTest, AcceptsWhatLibcurlAccepts) {
  const TestAuthority intermediate = authority_.IssueAuthority({.name = "intermediate"});
  const ServerTls wildcard(authority_.Issue("DNS:*.operator.test"));
  const ServerTls common_name(authority_.Issue(TestCertificateRequest{.name = "operator.test"}));
  const ServerTls issued_below(intermediate.Issue("DNS:operator.test"));
  EXPECT_THAT(TryHandshake(wildcard, "eu.operator.test"), IsOk());
  // Without an alternative name.
  EXPECT_THAT(TryHandshake(common_name), IsOk());
  // An intermediate authority is trusted without its root.
  context_ = Trusting(intermediate);
  EXPECT_THAT(TryHandshake(issued_below), IsOk());
}

TEST_F(TlsStreamTest, HasNoKeyLog) {
  EXPECT_THAT(SSL_CTX_get_keylog_callback(context_->get()), IsNull());
}

TEST_F(TlsStreamTest, AHostThatIsNoNameIsAnError) {
  for (const char* host : {"", "."}) {
    EXPECT_THAT(TlsStream::New(Connect().client, context_, host, 443),
                StatusIs(absl::StatusCode::kInternal));
  }
}

TEST_F(TlsStreamTest, TheEndIsInOrderOnlyWithACloseNotify) {
  for (const int version : kVersions) {
    SetVersion(version);
    Connected();
    ASSERT_TRUE(server_->Write("reply"));
    server_->Close();
    const auto received = ReceiveAll(*client_);
    ASSERT_THAT(received, IsOk());
    EXPECT_THAT(received->bytes, Eq("reply"));
    EXPECT_TRUE(received->end);

    Connected();
    ASSERT_TRUE(server_->Write("reply"));
    server_->Detach();
    char buffer[16];
    EXPECT_THAT(client_->Receive(absl::MakeSpan(buffer))->bytes, Eq(5));
    EXPECT_THAT(client_->Receive(absl::MakeSpan(buffer)),
                StatusIs(absl::StatusCode::kUnavailable,
                         "the connection broke before the reply was complete: the peer closed the "
                         "connection without a TLS close_notify"));
  }
}

TEST_F(TlsStreamTest, ClosesInOrder) {
  Connected();
  client_.reset();
  ASSERT_TRUE(Await(server_->fd(), POLLIN));
  EXPECT_THAT(server_->Read(), IsEmpty());
  EXPECT_THAT(SSL_get_shutdown(server_->ssl()), Eq(SSL_RECEIVED_SHUTDOWN));
}

TEST_F(TlsStreamTest, AWriteThatDoesNotFitGoesOnLaterFromAnotherBuffer) {
  for (const int version : kVersions) {
    SetVersion(version);
    Connected(/*small_buffers=*/true);
    std::string request;
    for (int i = 0; request.size() < 1'000'000; ++i) request += std::to_string(i);
    std::string received;
    int waits = 0;
    for (size_t sent = 0; sent < request.size();) {
      // At a different address each time.
      const std::vector<char> left(request.begin() + static_cast<ptrdiff_t>(sent), request.end());
      const auto progress = client_->Send({left.data(), left.size()});
      ASSERT_THAT(progress, IsOk());
      sent += progress->bytes;
      if (progress->wait == Wait::kNone) continue;
      ASSERT_THAT(progress->wait, Eq(Wait::kWrite));
      ++waits;
      received += server_->Read(1);
      ASSERT_TRUE(Await(*client_, Wait::kWrite));
    }
    received += server_->Read(request.size() - received.size());
    EXPECT_THAT(waits, Gt(1));
    EXPECT_TRUE(received == request);
  }
}

TEST_F(TlsStreamTest, OldErrorsOfTheThreadAreNotItsOwn) {
  Connected();
  ERR_raise(ERR_LIB_SSL, SSL_R_BAD_LENGTH);
  char buffer[16];
  EXPECT_THAT(client_->Receive(absl::MakeSpan(buffer)), IsOk());
  ERR_raise(ERR_LIB_SSL, SSL_R_BAD_LENGTH);
  EXPECT_THAT(client_->Send("request"), IsOk());
  client_.reset();
  EXPECT_THAT(ERR_peek_error(), Eq(0));
}

}  // namespace
}  // namespace uid2::testing
