// SPDX-License-Identifier: Apache-2.0

#include "server/app/listener_dial.h"

#include <grpc/support/log.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <netinet/in.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/app/process.h"
#include "server/event/file_descriptor.h"
#include "server/event/thread.h"
#include "tests/fakes/closed_port.h"
#include "tests/fakes/listening_port.h"
#include "tests/fakes/test_certificates.h"
#include "tests/matchers/status_matchers.h"
#include "uid2/identity/v1/identity_service.grpc.pb.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using uid2::testing::ClosedPort;
using uid2::testing::IsOk;
using uid2::testing::ListeningPort;
using uid2::testing::StatusIs;
using uid2::testing::TestAuthority;
using uid2::testing::TestCertificate;

std::atomic<int> grpc_errors{0};

void CountErrors(gpr_log_func_args* entry) {
  if (entry->severity != GPR_LOG_SEVERITY_ERROR) return;
  ++grpc_errors;
  std::fprintf(stderr, "%s:%d: %s\n", entry->file, entry->line, entry->message);
}

// A gRPC server on `address` with a free port.
class GrpcServer {
 public:
  explicit GrpcServer(const std::string& address,
                      const std::shared_ptr<grpc::ServerCredentials>& credentials =
                          grpc::InsecureServerCredentials()) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort(absl::StrCat(address, ":0"), credentials, &port_);
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
  }

  int port() const { return port_; }

 private:
  identity::v1::IdentityService::Service service_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

std::shared_ptr<grpc::ServerCredentials> Tls(grpc_ssl_client_certificate_request_type request) {
  const TestAuthority authority("probe");
  const TestCertificate certificate = authority.Issue("DNS:other.example");
  grpc::SslServerCredentialsOptions options(request);
  options.pem_key_cert_pairs.push_back({certificate.key, certificate.certificate});
  options.pem_root_certs = certificate.certificate;
  return grpc::SslServerCredentials(options);
}

class ListenerDialTest : public ::testing::Test {
 protected:
  ListenerDialTest() : stop_(eventfd(0, EFD_CLOEXEC)) {
    // As in the process of the server.
    EXPECT_THAT(BlockSignals(), IsOk());
  }

  // `time`: by default far more than an answer takes.
  absl::Status Dial(const std::string& host, int port, bool tls = false,
                    std::chrono::milliseconds time = std::chrono::seconds(30)) const {
    const auto addresses = ResolveListener(absl::StrCat(host, ":", port));
    EXPECT_THAT(addresses.status(), IsOk());
    EXPECT_THAT(*addresses, SizeIs(Ge(1)));
    const auto dial = ListenerDial::New(tls);
    EXPECT_THAT(dial.status(), IsOk());
    return dial->Dial(addresses->front(), stop_.get(), std::chrono::steady_clock::now() + time);
  }

  const FileDescriptor stop_;
};

TEST_F(ListenerDialTest, AServerAnswersWhateverItListensOn) {
  for (const char* const host : {"127.0.0.1", "0.0.0.0", "[::]", "[::1]", "[::ffff:127.0.0.1]"}) {
    const GrpcServer server(host);
    if (server.port() == 0 && host[1] == ':') continue;  // a host without IPv6
    EXPECT_THAT(Dial(host, server.port()), IsOk()) << host;
  }
}

TEST_F(ListenerDialTest, AServerWithTlsAnswersWithItsCertificateAndLogsNothing) {
  gpr_set_log_function(&CountErrors);
  for (const auto request : {GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE,
                             GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY}) {
    const GrpcServer server("127.0.0.1", Tls(request));
    EXPECT_THAT(Dial("127.0.0.1", server.port(), /*tls=*/true), IsOk());
    EXPECT_THAT(Dial("127.0.0.1", server.port(), /*tls=*/true), IsOk());
  }
  // The servers have ended, and with them the threads that might have logged.
  EXPECT_THAT(grpc_errors.load(), Eq(0));
}

TEST_F(ListenerDialTest, AListenerThatNeverAcceptsDoesNotAnswer) {
  const ListeningPort listener;
  for (const bool tls : {false, true}) {
    EXPECT_THAT(Dial("127.0.0.1", listener.port(), tls, std::chrono::milliseconds(50)),
                StatusIs(absl::StatusCode::kUnavailable, HasSubstr("no answer in time")));
  }
}

TEST_F(ListenerDialTest, AClosedPortRefusesTheConnection) {
  const ClosedPort closed;
  EXPECT_THAT(Dial("127.0.0.1", closed.port()),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("Connection refused")));
}

struct AnswerCase {
  const char* situation;
  bool tls;
  absl::string_view answer;
  const char* problem;
};

TEST_F(ListenerDialTest, AnotherAnswerIsNotTakenForTheServers) {
  for (const AnswerCase& test : std::vector<AnswerCase>{
           {"closed at once", false, "", "closed without an answer"},
           {"closed in the middle", false, absl::string_view("\0\0\0\4\0", 5), "closed without"},
           {"another protocol", false, "HTTP/1.1 400 Bad Request\r\n\r\n", "not HTTP/2"},
           {"TLS closed at once", true, "", "TLS handshake failed"},
           {"no TLS", true, "HTTP/1.1 400 Bad Request\r\n\r\n", "TLS handshake failed"},
       }) {
    const ListeningPort listener;
    const auto answering = Thread::Start("listener", [&] {
      const FileDescriptor connection = listener.Accept();
      (void)send(connection.get(), test.answer.data(), test.answer.size(), MSG_NOSIGNAL);
      // Reads what the client sends, so that closing does not reset the connection.
      (void)shutdown(connection.get(), SHUT_WR);
      for (char bytes[512]; recv(connection.get(), bytes, sizeof(bytes), 0) > 0;) {
      }
    });
    EXPECT_THAT(Dial("127.0.0.1", listener.port(), test.tls),
                StatusIs(absl::StatusCode::kUnavailable, HasSubstr(test.problem)))
        << test.situation;
  }
}

TEST_F(ListenerDialTest, AStoppedDialEndsAtOnce) {
  const ListeningPort listener;
  ASSERT_THAT(eventfd_write(stop_.get(), 1), Eq(0));
  for (const bool tls : {false, true}) {
    EXPECT_THAT(Dial("127.0.0.1", listener.port(), tls),
                StatusIs(absl::StatusCode::kCancelled, Eq("stopped")));
  }
}

// The connection itself would take the last descriptor, without which gRPC stops listening.
TEST_F(ListenerDialTest, WithoutADescriptorForEitherSideThereIsNoConnection) {
  const ListeningPort listener;
  rlimit before;
  ASSERT_THAT(getrlimit(RLIMIT_NOFILE, &before), Eq(0));
  for (const int left : {0, 1}) {
    std::vector<FileDescriptor> taken;
    rlimit few = before;
    few.rlim_cur = 64;
    ASSERT_THAT(setrlimit(RLIMIT_NOFILE, &few), Eq(0));
    for (int fd; (fd = dup(stop_.get())) >= 0;) taken.emplace_back(fd);
    for (int i = 0; i < left; ++i) taken.pop_back();
    EXPECT_THAT(Dial("127.0.0.1", listener.port()),
                StatusIs(absl::StatusCode::kResourceExhausted, Eq("Too many open files")));
    ASSERT_THAT(setrlimit(RLIMIT_NOFILE, &before), Eq(0));
    EXPECT_FALSE(listener.HasConnection()) << left;
  }
}

TEST(ResolveListenerTest, ANameMayHaveSeveralAddressesAndANumberHasOne) {
  EXPECT_THAT(*ResolveListener("localhost:1"), SizeIs(Ge(1)));
  for (const char* const one : {"127.0.0.1:1", "0.0.0.0:1", "[::]:1", "[0:0::0]:1", "[::1]:1"}) {
    EXPECT_THAT(*ResolveListener(one), SizeIs(1)) << one;
  }
}

TEST(ResolveListenerTest, AWildcardIsReachedAtLoopback) {
  for (const char* const wildcard : {"0.0.0.0:258", "[::]:258", "[0:0::0]:258"}) {
    const auto addresses = ResolveListener(wildcard);
    ASSERT_THAT(addresses.status(), IsOk());
    sockaddr_in address;
    std::memcpy(&address, &addresses->front().address, sizeof(address));
    EXPECT_THAT(address.sin_family, Eq(AF_INET)) << wildcard;
    EXPECT_THAT(address.sin_addr.s_addr, Eq(htonl(INADDR_LOOPBACK))) << wildcard;
    EXPECT_THAT(address.sin_port, Eq(htons(258))) << wildcard;
  }
}

TEST(ResolveListenerTest, WithoutAPortThereIsNoAddress) {
  EXPECT_THAT(ResolveListener("127.0.0.1"), StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace uid2
