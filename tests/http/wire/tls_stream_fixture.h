// SPDX-License-Identifier: Apache-2.0

#ifndef TESTS_HTTP_WIRE_TLS_STREAM_FIXTURE_H_
#define TESTS_HTTP_WIRE_TLS_STREAM_FIXTURE_H_

#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "gtest/gtest.h"
#include "server/http/tls/trust_store.h"
#include "server/http/wire/byte_stream.h"
#include "server/http/wire/tls_context.h"
#include "server/http/wire/tls_stream.h"
#include "tests/fakes/server_stream.h"
#include "tests/fakes/test_certificates.h"
#include "tests/http/wire/socket_pair.h"
#include "tests/http/wire/tls_peer.h"

namespace uid2::testing {

// A client that trusts one authority, and a server with a certificate for kHost.
class TlsStreamTest : public ::testing::Test {
 protected:
  static constexpr char kHost[] = "operator.test";

  static std::shared_ptr<TlsContext> Trusting(const TestAuthority& authority) {
    const auto store = TrustStore::Load(authority.CertificateFile());
    EXPECT_TRUE(store.ok()) << store.status();
    absl::StatusOr<std::shared_ptr<TlsContext>> context = TlsContext::New(**store);
    EXPECT_TRUE(context.ok()) << context.status();
    return *std::move(context);
  }

  std::unique_ptr<TlsStream> NewClient(FileDescriptor socket, absl::string_view host = kHost,
                                       int port = 443) {
    absl::StatusOr<std::unique_ptr<TlsStream>> client =
        TlsStream::New(std::move(socket), context_, host, port);
    EXPECT_TRUE(client.ok()) << client.status();
    return client.ok() ? *std::move(client) : nullptr;
  }

  // Makes a new connection, and returns the client's result of the handshake.
  absl::StatusOr<ByteStream::Wait> TryHandshake(const ServerTls& tls,
                                                absl::string_view host = kHost,
                                                bool small_buffers = false) {
    SocketPair sockets = Connect(small_buffers);
    client_ = NewClient(std::move(sockets.client), host);
    server_.emplace(std::move(sockets.server), tls);
    return Handshake(*client_, *server_);
  }

  void Connected(bool small_buffers = false) {
    const absl::StatusOr<ByteStream::Wait> wait = TryHandshake(tls_, kHost, small_buffers);
    ASSERT_TRUE(wait.ok()) << wait.status();
    ASSERT_EQ(*wait, ByteStream::Wait::kNone);
  }

  // The server speaks only this version, such as TLS1_2_VERSION.
  void SetVersion(int version) {
    ASSERT_EQ(SSL_CTX_set_min_proto_version(tls_.context(), version), 1);
    ASSERT_EQ(SSL_CTX_set_max_proto_version(tls_.context(), version), 1);
  }

  const TestAuthority authority_{"authority"};
  const ServerTls tls_{authority_.Issue("DNS:operator.test")};
  std::shared_ptr<TlsContext> context_ = Trusting(authority_);
  std::unique_ptr<TlsStream> client_;
  absl::optional<TlsPeer> server_;
};

}  // namespace uid2::testing

#endif  // TESTS_HTTP_WIRE_TLS_STREAM_FIXTURE_H_
