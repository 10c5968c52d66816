// SPDX-License-Identifier: Apache-2.0

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>

#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/http/connection_failure.h"
#include "server/http/http_client.h"
#include "server/http/wire/byte_stream.h"
#include "server/http/wire/tls_stream.h"
#include "tests/fakes/server_stream.h"
#include "tests/fakes/test_certificates.h"
#include "tests/http/wire/socket_pair.h"
#include "tests/http/wire/tls_peer.h"
#include "tests/http/wire/tls_stream_fixture.h"
#include "tests/matchers/status_matchers.h"

namespace uid2::testing {
namespace {

using ::testing::AnyOf;
using ::testing::Eq;
using ::testing::HasSubstr;
using Wait = ByteStream::Wait;

constexpr int kVersions[] = {TLS1_2_VERSION, TLS1_3_VERSION};

// What a client is told. A certificate fault is told apart.
class TlsStreamFaultTest : public TlsStreamTest {
 protected:
  static void ExpectFault(const absl::Status& status, const std::string& message,
                          bool certificate_fault, absl::string_view situation) {
    EXPECT_THAT(IsCertificateFault(status), Eq(certificate_fault)) << situation;
    const HttpFailure failure = ToHttpFailure(status);
    EXPECT_THAT(failure.status, StatusIs(absl::StatusCode::kUnavailable, message)) << situation;
    EXPECT_THAT(failure.certificate_fault, Eq(certificate_fault)) << situation;
  }

  // What the handshake with a server that sends `bytes` and then closes ends with.
  absl::Status HandshakeWith(absl::string_view bytes, bool reset = false) {
    SocketPair sockets = Connect();
    client_ = NewClient(std::move(sockets.client));
    EXPECT_THAT(client_->Handshake().value(), Eq(Wait::kRead));
    // Otherwise closing would reset the connection.
    char hello[4096];
    EXPECT_TRUE(Await(sockets.server.get(), POLLIN));
    EXPECT_GT(recv(sockets.server.get(), hello, sizeof(hello), 0), 0);
    EXPECT_THAT(send(sockets.server.get(), bytes.data(), bytes.size(), 0), Eq(bytes.size()));
    if (reset) {
      Reset(std::move(sockets.server));
    } else {
      sockets.server = FileDescriptor();
    }
    absl::StatusOr<Wait> wait = Wait::kRead;
    while (wait.ok() && *wait != Wait::kNone && Await(*client_, *wait)) wait = client_->Handshake();
    return wait.status();
  }

  void RequireClientCertificate() {
    SSL_CTX_set_verify(tls_.context(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  }
};

TEST_F(TlsStreamFaultTest, ACertificateThatDoesNotVerifyIsACertificateFault) {
  const TestAuthority stranger("stranger");
  const std::string name = "DNS:operator.test";
  struct Row {
    std::string situation;
    TestCertificate certificate;
    std::string host;
    std::string cause;
  };
  const Row rows[] = {
      {"unknown authority", stranger.Issue(name), kHost, "unable to get local issuer certificate"},
      {"another name", authority_.Issue("DNS:other.test"), kHost, "it is not for the host's name"},
      {"a name below", authority_.Issue("DNS:a.operator.test"), kHost,
       "it is not for the host's name"},
      {"part of a label as a wildcard", authority_.Issue("DNS:op*.operator.test"),
       "op1.operator.test", "it is not for the host's name"},
      {"a common name beside other names",
       authority_.Issue(
           TestCertificateRequest{.name = "operator.test", .alternative_name = "DNS:other.test"}),
       kHost, "it is not for the host's name"},
      {"another address", authority_.Issue("IP:127.0.0.2"), "127.0.0.1",
       "it is not for the host's name"},
      {"a name for an address", authority_.Issue("DNS:127.0.0.1"), "127.0.0.1",
       "it is not for the host's name"},
      {"expired", authority_.Issue(name, -absl::Minutes(1)), kHost, "certificate has expired"},
      {"not yet valid",
       authority_.Issue(TestCertificateRequest{
           .alternative_name = name, .valid_from = absl::Hours(1), .valid_until = absl::Hours(2)}),
       kHost, "certificate is not yet valid"},
      {"for clients only",
       authority_.Issue(
           TestCertificateRequest{.alternative_name = name, .extended_key_usage = "clientAuth"}),
       kHost, "unsuitable certificate purpose"},
  };
  for (const int version : kVersions) {
    for (const Row& row : rows) {
      const ServerTls tls(row.certificate);
      ASSERT_EQ(SSL_CTX_set_max_proto_version(tls.context(), version), 1);
      ExpectFault(TryHandshake(tls, row.host).status(),
                  "the peer's certificate is not accepted: " + row.cause, true, row.situation);
    }
  }
}

TEST_F(TlsStreamFaultTest, AServerThatRequiresAClientCertificate) {
  RequireClientCertificate();
  SetVersion(TLS1_2_VERSION);
  ExpectFault(TryHandshake(tls_).status(),
              "the TLS handshake failed: sslv3 alert handshake failure", false, "TLS 1.2");
  // Here the client has completed the handshake before the server can complain.
  SetVersion(TLS1_3_VERSION);
  ASSERT_THAT(TryHandshake(tls_), IsOk());
  ASSERT_TRUE(Await(*client_, Wait::kRead));
  ExpectFault(ReceiveAll(*client_).status(),
              "the connection broke before the reply was complete: tlsv13 alert certificate "
              "required",
              true, "TLS 1.3");
}

TEST_F(TlsStreamFaultTest, APeerWithoutTls) {
  ExpectFault(HandshakeWith("HTTP/1.1 400 Bad Request\r\n\r\n"),
              "the peer does not speak TLS on this port", false, "HTTP");
}

TEST_F(TlsStreamFaultTest, AServerOfAnOldVersion) {
  const ServerTls old(authority_.Issue("DNS:operator.test"));
  ASSERT_EQ(SSL_CTX_set_cipher_list(old.context(), "DEFAULT@SECLEVEL=0"), 1);
  ASSERT_EQ(SSL_CTX_set_min_proto_version(old.context(), TLS1_VERSION), 1);
  ASSERT_EQ(SSL_CTX_set_max_proto_version(old.context(), TLS1_1_VERSION), 1);
  const absl::Status status = TryHandshake(old).status();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kUnavailable,
                               AnyOf(HasSubstr("protocol version"), HasSubstr("protocol"))));
  EXPECT_FALSE(IsCertificateFault(status));
}

TEST_F(TlsStreamFaultTest, APeerThatClosesInTheHandshake) {
  const std::string closed = "the peer closed the connection during the TLS handshake";
  // The beginning of a record that holds a handshake message.
  const std::string begun("\x16\x03\x03\x00\x7a\x02\x00", 7);
  ExpectFault(HandshakeWith(""), closed, false, "before the first byte");
  ExpectFault(HandshakeWith(begun), closed, false, "within a record");
  const std::string reset =
      "the connection broke during the TLS handshake: Connection reset by peer";
  ExpectFault(HandshakeWith("", true), reset, false, "reset before the first byte");
  ExpectFault(HandshakeWith(begun, true), reset, false, "reset within a record");
}

TEST_F(TlsStreamFaultTest, AnUnintelligibleHandshake) {
  // An alert: "handshake failure".
  ExpectFault(HandshakeWith(std::string("\x15\x03\x03\x00\x02\x02\x28", 7)),
              "the TLS handshake failed: sslv3 alert handshake failure", false, "alert");
}

// The default action of SIGPIPE would end the test.
TEST_F(TlsStreamFaultTest, AResetConnectionFailsWithoutASignal) {
  for (const int version : kVersions) {
    SetVersion(version);
    Connected();
    Reset(server_->Detach());
    ASSERT_TRUE(Await(*client_, Wait::kRead));
    ExpectFault(client_->Send("request").status(),
                "the connection broke while the request was sent: Connection reset by peer", false,
                "the first write");
    Connected();
    Reset(server_->Detach());
    char buffer[16];
    ASSERT_TRUE(Await(*client_, Wait::kRead));
    ExpectFault(client_->Receive(absl::MakeSpan(buffer)).status(),
                "the connection broke before the reply was complete: Connection reset by peer",
                false, "a read");
    Connected();
    Reset(server_->Detach());
    // Closing the stream writes, too.
    client_.reset();
  }
}

TEST_F(TlsStreamFaultTest, RefusesToRenegotiate) {
  SetVersion(TLS1_2_VERSION);
  Connected();
  ASSERT_THAT(SSL_renegotiate(server_->ssl()), Eq(1));
  (void)server_->Handshake();
  ASSERT_TRUE(Await(*client_, Wait::kRead));
  const auto received = ReceiveAll(*client_);
  ASSERT_THAT(received, IsOk());
  EXPECT_THAT(received->wait, Eq(Wait::kRead));
  // The client goes on as if nothing had been asked, and says so.
  ASSERT_TRUE(Await(server_->fd(), POLLIN));
  char byte;
  EXPECT_THAT(SSL_read(server_->ssl(), &byte, 1), Eq(-1));
  EXPECT_THAT(ERR_GET_REASON(ERR_get_error()), Eq(SSL_R_NO_RENEGOTIATION));
  EXPECT_THAT(client_->Send("request"), IsOk());
}

}  // namespace
}  // namespace uid2::testing
