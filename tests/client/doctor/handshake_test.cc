// SPDX-License-Identifier: Apache-2.0

#include "client/doctor/handshake.h"

#include <fstream>
#include <iterator>
#include <memory>
#include <string>

#include "client/cpp/channel_options.h"
#include "client/doctor/handshake_finding.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/call/system_clock.h"
#include "tests/client/cpp/scripted_identity_server.h"
#include "tests/fakes/test_certificates.h"
#include "tests/matchers/status_matchers.h"

namespace uid2::doctor {
namespace {

using ::testing::AllOf;
using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using uid2::testing::ScriptedIdentityServer;
using uid2::testing::StatusIs;
using uid2::testing::TestAuthority;
using uid2::testing::TestCertificate;
using uid2::testing::TestCertificateRequest;

constexpr char kHere[] = "IP:127.0.0.1";
constexpr absl::Duration kTimeout = absl::Seconds(20);

std::string Write(const std::string& name, const std::string& content) {
  const std::string path = ::testing::TempDir() + "/" + name;
  std::ofstream(path, std::ios::trunc) << content;
  return path;
}

std::string ReadText(const std::string& path) {
  std::ifstream file(path);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

class HandshakeTest : public ::testing::Test {
 protected:
  enum class Clients { kAny, kWithCertificate };

  void Serve(Clients clients, const TestCertificate& certificate) {
    grpc::SslServerCredentialsOptions ssl(
        clients == Clients::kAny ? GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE
                                 : GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
    ssl.pem_key_cert_pairs.push_back({certificate.key, certificate.certificate});
    ssl.pem_root_certs = ReadText(authority_.CertificateFile());
    Serve(grpc::SslServerCredentials(ssl));
  }

  void Serve(std::shared_ptr<grpc::ServerCredentials> credentials) {
    server_ = std::make_unique<ScriptedIdentityServer>([](int) { return grpc::Status::OK; },
                                                       std::move(credentials));
  }

  client::ChannelOptions Options() const {
    client::ChannelOptions options;
    options.address = server_->address();
    options.ca_file = authority_.CertificateFile();
    return options;
  }

  client::ChannelOptions With(const TestCertificate& own) const {
    client::ChannelOptions options = Options();
    options.certificate_file = Write("web.pem", own.certificate);
    options.key_file = Write("web.key", own.key);
    return options;
  }

  static Finding Check(const client::ChannelOptions& options) {
    return CheckHandshake(TryHandshake(options, kTimeout), options, SystemClock().Now());
  }

  static void ExpectError(const client::ChannelOptions& options, const std::string& text,
                          const std::string& fix) {
    const Finding finding = Check(options);
    EXPECT_THAT(finding.severity, Eq(Severity::kError));
    EXPECT_THAT(finding.text, HasSubstr(text));
    EXPECT_THAT(finding.fix, HasSubstr(fix));
  }

  const TestAuthority authority_{"handshake_authority"};
  const TestAuthority stranger_{"handshake_stranger"};
  std::unique_ptr<ScriptedIdentityServer> server_;
};

TEST_F(HandshakeTest, ACallerWithAGoodCertificateIsAccepted) {
  Serve(Clients::kWithCertificate, authority_.Issue(kHere));
  const Finding finding = Check(With(authority_.Issue("DNS:web.example")));
  EXPECT_THAT(finding.severity, Eq(Severity::kOk)) << finding.text;
  EXPECT_THAT(finding.text, StartsWith("TLS works; the server's certificate is valid until 2"));
}

TEST_F(HandshakeTest, NoCertificateIsNeededIfTheServerAsksForNone) {
  Serve(Clients::kAny, authority_.Issue(kHere));
  EXPECT_THAT(Check(Options()).severity, Eq(Severity::kOk));
}

TEST_F(HandshakeTest, AMissingClientCertificateIsNamed) {
  Serve(Clients::kWithCertificate, authority_.Issue(kHere));
  ExpectError(Options(), "requires a client certificate, and none was given",
              "set --cert and --key");
}

TEST_F(HandshakeTest, AClientCertificateOfAStrangerIsNamedWithItsIssuer) {
  Serve(Clients::kWithCertificate, authority_.Issue(kHere));
  const client::ChannelOptions options = With(stranger_.Issue("DNS:web.example"));
  ExpectError(options, "refused the client certificate in " + options.certificate_file,
              "client_ca_file");
  ExpectError(options, "issued by CN=handshake_stranger, and it trusts CN=handshake_authority", "");
}

TEST_F(HandshakeTest, AnExpiredClientCertificateIsNamedWithItsDate) {
  Serve(Clients::kWithCertificate, authority_.Issue(kHere));
  ExpectError(With(authority_.Issue("DNS:web.example", -absl::Hours(1))), "web.pem expired on 2",
              "renew it");
}

TEST_F(HandshakeTest, ACertificateThatIsNotForClientsIsNamed) {
  Serve(Clients::kWithCertificate, authority_.Issue(kHere));
  ExpectError(With(authority_.Issue(TestCertificateRequest{.extended_key_usage = "serverAuth"})),
              "key usage does not permit clients", "extendedKeyUsage=clientAuth");
}

TEST_F(HandshakeTest, AServerOfAnUnknownAuthorityIsNamedWithItsIssuer) {
  Serve(Clients::kWithCertificate, stranger_.Issue(kHere));
  ExpectError(Options(), "not trusted", authority_.CertificateFile());
  ExpectError(Options(), "issued by CN=handshake_stranger", "");
  client::ChannelOptions system = Options();
  system.ca_file.clear();
  system.tls = true;
  ExpectError(system, "not trusted", "set --ca");
}

TEST_F(HandshakeTest, AnExpiredServerIsNamedWithItsDate) {
  Serve(Clients::kAny, authority_.Issue(kHere, -absl::Hours(1)));
  ExpectError(Options(), "has expired; its own expires on 2", "renew the server's certificate");
}

TEST_F(HandshakeTest, AServerWithAnotherNameIsNamedWithBothNames) {
  Serve(Clients::kAny, authority_.Issue("DNS:identity.example"));
  ExpectError(Options(), "is for identity.example and not for 127.0.0.1", "--server_name");
  client::ChannelOptions options = Options();
  options.server_name = "identity.example";
  EXPECT_THAT(Check(options).severity, Eq(Severity::kOk));
  options.server_name = "other.example";
  ExpectError(options, "is for identity.example and not for other.example", "--server_name");
}

TEST_F(HandshakeTest, ACallWithoutTlsToATlsServerIsNamed) {
  Serve(Clients::kAny, authority_.Issue(kHere));
  client::ChannelOptions clear;
  clear.address = server_->address();
  ExpectError(clear, "requires TLS", "--tls if the system trusts it");
  Serve(Clients::kWithCertificate, authority_.Issue(kHere));
  clear.address = server_->address();
  ExpectError(clear, "requires TLS", "--cert and --key");
}

TEST_F(HandshakeTest, ACallWithTlsToAClearServerIsNamed) {
  Serve(grpc::InsecureServerCredentials());
  ExpectError(Options(), "does not speak TLS", "leave out --tls");
}

TEST_F(HandshakeTest, WithoutTlsOnEitherSideOrWithoutAConnectionThereIsNothingToSay) {
  Serve(grpc::InsecureServerCredentials());
  client::ChannelOptions options;
  options.address = server_->address();
  EXPECT_THAT(Check(options).severity, Eq(Severity::kSkipped));
  server_.reset();
  EXPECT_THAT(Check(options).severity, Eq(Severity::kSkipped));
  EXPECT_THAT(TryHandshake(options, kTimeout),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("refused")));
  options.address = "unix:/run/identity.sock";
  EXPECT_THAT(TryHandshake(options, kTimeout), StatusIs(absl::StatusCode::kUnimplemented));
}

TEST_F(HandshakeTest, AKeyOfAnotherCertificateIsNamed) {
  Serve(Clients::kWithCertificate, authority_.Issue(kHere));
  client::ChannelOptions options = With(authority_.Issue("DNS:web.example"));
  options.key_file = Write("other.key", authority_.Issue("DNS:web.example").key);
  EXPECT_THAT(TryHandshake(options, kTimeout),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("other.key"), HasSubstr("key values mismatch"))));
}

}  // namespace
}  // namespace uid2::doctor
