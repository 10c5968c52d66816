// SPDX-License-Identifier: Apache-2.0

#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>

#include "absl/synchronization/notification.h"
#include "client/cpp/identity_client.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/client/cpp/scripted_identity_server.h"
#include "tests/fakes/test_certificates.h"
#include "tests/matchers/status_matchers.h"

namespace uid2::client {
namespace {

using ::testing::Eq;
using ::testing::HasSubstr;
using uid2::testing::IsOk;
using uid2::testing::ScriptedIdentityServer;
using uid2::testing::StatusIs;
using uid2::testing::TestAuthority;
using uid2::testing::TestCertificate;

constexpr char kHere[] = "IP:127.0.0.1";
constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr auto kUnreadable = absl::StatusCode::kNotFound;
constexpr auto kUnavailable = absl::StatusCode::kUnavailable;

std::string PathOf(const std::string& name) { return ::testing::TempDir() + "/" + name; }

std::string ReadText(const std::string& path) {
  std::ifstream file(path);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

// Replaces the file at once.
std::string Write(const std::string& name, const std::string& content) {
  const std::string path = PathOf(name);
  std::ofstream(path + ".new", std::ios::trunc) << content;
  EXPECT_THAT(std::rename((path + ".new").c_str(), path.c_str()), Eq(0));
  return path;
}

std::unique_ptr<IdentityClient> ClientOf(const ChannelOptions& options) {
  absl::StatusOr<std::unique_ptr<IdentityClient>> client = IdentityClient::New(options);
  EXPECT_THAT(client, IsOk());
  return *std::move(client);
}

IdentityClient::GenerateRequest AnyUser() {
  IdentityClient::GenerateRequest request;
  request.set_email("user@example.com");
  return request;
}

absl::Status Call(const ChannelOptions& options) {
  return ClientOf(options)->GenerateIdentity(AnyUser()).status();
}

class IdentityClientTlsTest : public ::testing::Test {
 protected:
  // `clients` may sign the certificates that clients must then have.
  std::unique_ptr<ScriptedIdentityServer> Serve(const std::string& name,
                                                const TestAuthority* clients = nullptr,
                                                const std::string& address = "127.0.0.1:0") const {
    const TestCertificate certificate = authority_.Issue(name);
    grpc::SslServerCredentialsOptions ssl(
        clients == nullptr ? GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE
                           : GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
    ssl.pem_key_cert_pairs.push_back({certificate.key, certificate.certificate});
    if (clients != nullptr) ssl.pem_root_certs = ReadText(clients->CertificateFile());
    return std::make_unique<ScriptedIdentityServer>([](int) { return grpc::Status::OK; },
                                                    grpc::SslServerCredentials(ssl), address);
  }

  ChannelOptions OptionsFor(const ScriptedIdentityServer& server) const {
    ChannelOptions options;
    options.address = server.address();
    options.ca_file = authority_.CertificateFile();
    return options;
  }

  static void Become(const TestCertificate& own, ChannelOptions& options) {
    options.key_file = Write("web.key", own.key);
    options.certificate_file = Write("web.pem", own.certificate);
  }

  const TestAuthority authority_{"client_tls_authority"};
  const TestAuthority other_{"other_authority"};
};

TEST_F(IdentityClientTlsTest, AServerWithACertificateOfATrustedAuthorityIsCalled) {
  const auto server = Serve(kHere);
  EXPECT_THAT(Call(OptionsFor(*server)), IsOk());
}

TEST_F(IdentityClientTlsTest, AServerOfAnotherAuthorityIsNotCalledAndTheFileIsNamed) {
  const auto server = Serve(kHere);
  ChannelOptions options = OptionsFor(*server);
  options.ca_file = other_.CertificateFile();
  EXPECT_THAT(Call(options), StatusIs(kUnavailable, HasSubstr("its authority is not in " +
                                                              other_.CertificateFile())));
  options.ca_file.clear();
  options.tls = true;
  EXPECT_THAT(Call(options), StatusIs(kUnavailable, HasSubstr("not in the system's file")));
  EXPECT_THAT(server->attempts(), Eq(0));
}

TEST_F(IdentityClientTlsTest, AMismatchOfTlsIsNamed) {
  const auto server = Serve(kHere);
  ChannelOptions options;
  options.address = server->address();
  EXPECT_THAT(Call(options), StatusIs(kUnavailable, HasSubstr("may require TLS, which is off")));
  const ScriptedIdentityServer clear([](int) { return grpc::Status::OK; });
  EXPECT_THAT(Call(OptionsFor(clear)),
              StatusIs(kUnavailable, HasSubstr("the server does not use TLS")));
}

TEST_F(IdentityClientTlsTest, AnotherServerNameIsAcceptedOnlyIfConfigured) {
  const auto server = Serve("DNS:identity.example");
  ChannelOptions options = OptionsFor(*server);
  EXPECT_THAT(Call(options), StatusIs(kUnavailable, HasSubstr("not for the name")));
  options.server_name = "identity.example";
  EXPECT_THAT(Call(options), IsOk());
}

TEST_F(IdentityClientTlsTest, AServerThatAsksForACertificateGetsTheClients) {
  const auto server = Serve(kHere, &authority_);
  ChannelOptions options = OptionsFor(*server);
  Become(authority_.Issue("DNS:web.example"), options);
  EXPECT_THAT(Call(options), IsOk());
}

TEST_F(IdentityClientTlsTest, WithoutAGoodCertificateTheErrorSaysWhatToCheck) {
  const auto server = Serve(kHere, &authority_);
  ChannelOptions options = OptionsFor(*server);
  EXPECT_THAT(Call(options),
              StatusIs(kUnavailable, HasSubstr("may require a client certificate (mTLS)")));
  EXPECT_THAT(ClientOf(options)->CheckHealth(),
              StatusIs(kUnavailable, HasSubstr("may require a client certificate (mTLS)")));
  absl::Notification done;
  ClientOf(options)->GenerateIdentity(
      AnyUser(), absl::Seconds(20), [&](absl::StatusOr<IdentityClient::GenerateResponse> response) {
        EXPECT_THAT(response,
                    StatusIs(kUnavailable, HasSubstr("may require a client certificate (mTLS)")));
        done.Notify();
      });
  done.WaitForNotification();
  for (const TestCertificate& own :
       {other_.Issue("DNS:web.example"), authority_.Issue("DNS:web.example", -absl::Hours(1))}) {
    Become(own, options);
    EXPECT_THAT(Call(options), StatusIs(kUnavailable, HasSubstr("client certificate in " +
                                                                options.certificate_file)));
  }
  EXPECT_THAT(server->attempts(), Eq(0));
}

TEST_F(IdentityClientTlsTest, NewConnectionsUseRenewedFiles) {
  const auto first = Serve(kHere, &authority_);
  const std::string address = first->address();
  ChannelOptions options = OptionsFor(*first);
  Become(authority_.Issue("DNS:web.example"), options);
  const auto client = ClientOf(options);
  ASSERT_THAT(client->GenerateIdentity(AnyUser()), IsOk());
  // Another server, which trusts another authority only.
  const auto second = Serve(kHere, &other_);
  ChannelOptions both = options;
  both.address = "ipv4:" + second->address();
  const auto mover = ClientOf(both);
  ASSERT_THAT(mover->GenerateIdentity(AnyUser()), StatusIs(kUnavailable));
  Become(other_.Issue("DNS:web.example"), options);
  EXPECT_THAT(mover->AwaitServing(absl::Seconds(50)), IsOk());
  EXPECT_THAT(mover->GenerateIdentity(AnyUser()), IsOk());
  // The connection that is open keeps its certificate.
  EXPECT_THAT(client->GenerateIdentity(AnyUser()), IsOk());
}

TEST_F(IdentityClientTlsTest, InvalidOptionsAreNamed) {
  const TestCertificate pair = authority_.Issue("DNS:web.example");
  const std::string prose = Write("prose.txt", "no certificate");
  const std::string ca = authority_.CertificateFile();
  const std::string missing = PathOf("missing.pem");
  const std::string certificate = Write("own.pem", pair.certificate);
  const std::string key = Write("own.key", pair.key);
  const std::string other_key = Write("other.key", authority_.Issue("DNS:web.example").key);
  const struct {
    ChannelOptions options;
    absl::StatusCode code;
    std::string message;
  } kCases[] = {
      {{"", false, "", "", "", ""}, kInvalid, "the address is empty"},
      {{"h:65536", false, "", "", "", ""}, kInvalid, "1 to 65535"},
      {{"h:1", false, "", certificate, "", ""}, kInvalid, "set both files"},
      {{"h:1", false, "", "", key, ""}, kInvalid, "set both files"},
      {{"h:1", false, "", "", "", "identity.example"}, kInvalid, "turn TLS on"},
      {{"h:1", false, missing, "", "", ""}, kUnreadable, "CA file: cannot read " + missing + ": "},
      {{"h:1", false, prose, "", "", ""}, kUnreadable, "CA file: cannot use " + prose + ": "},
      {{"h:1", false, key, "", "", ""}, kUnreadable, "a private key that is not a certificate"},
      {{"h:1", false, "", missing, key, ""}, kUnreadable, "certificate file: cannot read "},
      {{"h:1", false, "", prose, key, ""}, kUnreadable, "certificate file: cannot use "},
      {{"h:1", false, "", certificate, missing, ""}, kUnreadable, "key file: cannot read "},
      {{"h:1", false, "", certificate, prose, ""},
       kUnreadable,
       "key file: cannot use " + prose + ": it contains no private key in PEM"},
      {{"h:1", false, "", certificate, other_key, ""},
       kInvalid,
       "key file: the key in " + other_key + " does not belong to the first certificate in " +
           certificate},
  };
  for (const auto& test : kCases) {
    EXPECT_THAT(IdentityClient::New(test.options), StatusIs(test.code, HasSubstr(test.message)));
  }
  EXPECT_THAT(IdentityClient::New({"h:1", false, ca, certificate, key, "h"}), IsOk());
}

}  // namespace
}  // namespace uid2::client
