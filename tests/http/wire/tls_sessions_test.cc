// SPDX-License-Identifier: Apache-2.0

#include "server/http/wire/tls_sessions.h"

#include <openssl/ssl.h>

#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/http/wire/byte_stream.h"
#include "server/http/wire/tls_context.h"
#include "server/http/wire/tls_stream.h"
#include "tests/fakes/server_stream.h"
#include "tests/http/wire/socket_pair.h"
#include "tests/http/wire/tls_peer.h"
#include "tests/http/wire/tls_stream_fixture.h"
#include "tests/matchers/status_matchers.h"

namespace uid2::testing {
namespace {

using ::testing::IsNull;
using ::testing::NotNull;

constexpr int kVersions[] = {TLS1_2_VERSION, TLS1_3_VERSION};

class TlsSessionsTest : public TlsStreamTest {
 protected:
  // Makes a new connection and receives the session. Returns whether it has resumed one.
  bool Resumes(const std::string& host = kHost, int port = 443) {
    SocketPair sockets = Connect();
    client_ = NewClient(std::move(sockets.client), host, port);
    server_.emplace(std::move(sockets.server), tls_);
    EXPECT_THAT(Handshake(*client_, *server_), IsOk());
    EXPECT_THAT(ReceiveAll(*client_), IsOk());
    EXPECT_EQ(client_->resumed(), server_->resumed());
    return client_->resumed();
  }

  const ServerTls tls_{authority_.Issue("DNS:operator.test,DNS:other.test")};

  void SetVersion(int version) {
    ASSERT_EQ(SSL_CTX_set_max_proto_version(tls_.context(), version), 1);
  }
};

TEST_F(TlsSessionsTest, ANewConnectionResumesTheSessionOfAnother) {
  for (const int version : kVersions) {
    SetVersion(version);
    context_ = Trusting(authority_);
    EXPECT_FALSE(Resumes());
    for (int i = 0; i < 5; ++i) EXPECT_TRUE(Resumes());
    // However the host is written.
    EXPECT_TRUE(Resumes("Operator.test."));
  }
}

TEST_F(TlsSessionsTest, ConnectionsThatAreOpenAtTheSameTimeResumeTheSameSession) {
  for (const int version : kVersions) {
    SetVersion(version);
    context_ = Trusting(authority_);
    ASSERT_FALSE(Resumes());
    for (int i = 0; i < 5; ++i) {
      // Before any of its own sessions has arrived.
      ASSERT_THAT(TryHandshake(tls_), IsOk());
      EXPECT_TRUE(client_->resumed());
    }
  }
}

TEST_F(TlsSessionsTest, AnotherOriginHasOtherSessions) {
  for (const int version : kVersions) {
    SetVersion(version);
    context_ = Trusting(authority_);
    EXPECT_FALSE(Resumes());
    EXPECT_FALSE(Resumes("other.test"));
    EXPECT_FALSE(Resumes(kHost, 444));
  }
}

// The certificate is not verified when a session is resumed.
TEST_F(TlsSessionsTest, AnotherTrustStoreHasOtherSessions) {
  const TestAuthority stranger("stranger");
  for (const int version : kVersions) {
    SetVersion(version);
    const std::shared_ptr<TlsContext> before = context_ = Trusting(authority_);
    ASSERT_FALSE(Resumes());
    ASSERT_TRUE(Resumes());
    context_ = Trusting(stranger);
    EXPECT_THAT(TryHandshake(tls_), StatusIs(absl::StatusCode::kUnavailable));
    // Nor after the authority is trusted again.
    context_ = Trusting(authority_);
    EXPECT_FALSE(Resumes());
    EXPECT_TRUE(Resumes());
  }
}

TEST_F(TlsSessionsTest, AnOldConnectionKeepsItsSessionInItsOwnContext) {
  Connected();
  context_ = Trusting(authority_);
  // Its tickets arrive only now.
  EXPECT_THAT(ReceiveAll(*client_), IsOk());
  EXPECT_FALSE(Resumes());
}

TEST_F(TlsSessionsTest, ABrokenConnectionLeavesItsSession) {
  for (const int version : kVersions) {
    SetVersion(version);
    context_ = Trusting(authority_);
    ASSERT_FALSE(Resumes());
    Reset(server_->Detach());
    char buffer[16];
    EXPECT_THAT(client_->Receive(absl::MakeSpan(buffer)), StatusIs(absl::StatusCode::kUnavailable));
    client_.reset();
    EXPECT_TRUE(Resumes());
    // Abandoned within the handshake.
    SocketPair sockets = Connect();
    client_ = NewClient(std::move(sockets.client));
    EXPECT_THAT(client_->Handshake(), IsOk());
    client_.reset();
    EXPECT_TRUE(Resumes());
  }
}

TEST_F(TlsSessionsTest, ASessionThatTheServerHasForgottenCostsAFullHandshake) {
  for (const int version : kVersions) {
    SetVersion(version);
    context_ = Trusting(authority_);
    ASSERT_FALSE(Resumes());
    // Another process, say.
    const ServerTls other(authority_.Issue("DNS:operator.test"));
    ASSERT_EQ(SSL_CTX_set_max_proto_version(other.context(), version), 1);
    ASSERT_THAT(TryHandshake(other), IsOk());
    EXPECT_FALSE(client_->resumed());
  }
}

TEST_F(TlsSessionsTest, AnOriginHasTheSessionThatItKeepsUnlessItCannotBeResumed) {
  TlsSessions sessions;
  EXPECT_THAT(sessions.Of("a", 1).Newest(), IsNull());
  ASSERT_FALSE(Resumes());
  SSL* const server = server_->ssl();
  sessions.Of("a", 1).Keep(TlsSessions::Session(SSL_get1_session(server)));
  EXPECT_THAT(sessions.Of("a", 1).Newest(), NotNull());
  EXPECT_THAT(sessions.Of("a", 2).Newest(), IsNull());
  sessions.Of("a", 1).Keep(TlsSessions::Session(SSL_SESSION_new()));
  EXPECT_THAT(sessions.Of("a", 1).Newest(), IsNull());
}

}  // namespace
}  // namespace uid2::testing
