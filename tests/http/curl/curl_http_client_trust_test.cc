#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/http/curl/curl_http_client.h"
#include "server/http/http_client_stats.h"
#include "server/http/tls/certificate_fault.h"
#include "tests/fakes/scripted_server.h"
#include "tests/fakes/test_certificates.h"
#include "tests/http/curl/curl_http_client_fixture.h"
#include "tests/matchers/status_matchers.h"

namespace uid2::testing {
namespace {

using ::testing::Eq;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr char kHost[] = "IP:127.0.0.1";

// The authorities change while the client works.
class CurlHttpClientTrustTest : public CurlHttpClientTest {
 protected:
  static Script Answer(const ScriptedServer::Request&) {
    return Script().Send(ReplyText(200, "reply"));
  }

  // A client that trusts `authority`, until Trust() says otherwise.
  std::unique_ptr<CurlHttpClient> MakeClientTrusting(const TestAuthority& authority) {
    CurlHttpClientOptions options = Options();
    options.ca_file = ::testing::TempDir() + "/followed.pem";
    options.ca_file_check_interval = absl::Milliseconds(5);
    std::filesystem::rename(authority.CertificateFile(), options.ca_file);
    path_ = options.ca_file;
    absl::StatusOr<std::unique_ptr<CurlHttpClient>> client =
        CurlHttpClient::New(options, [this](const absl::Status& status) {
          absl::MutexLock lock(&mutex_);
          told_.push_back(status);
        });
    EXPECT_THAT(client, IsOk());
    return client.ok() ? *std::move(client) : nullptr;
  }

  // Returns when the client says that it has heeded that.
  void Trust(const TestAuthority& authority) {
    const size_t before = told();
    std::filesystem::rename(authority.CertificateFile(), path_);
    EXPECT_THAT(AwaitTold(before + 1), IsOk());
  }

  size_t told() const {
    absl::MutexLock lock(&mutex_);
    return told_.size();
  }

  // The `count`th that the client has said.
  absl::Status AwaitTold(size_t count) const {
    const auto has_come = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      return told_.size() >= count;
    };
    absl::MutexLock lock(&mutex_);
    if (!mutex_.AwaitWithTimeout(absl::Condition(&has_come), absl::Seconds(10))) {
      return absl::UnknownError("nothing was said within ten seconds");
    }
    return told_[count - 1];
  }

  static void ExpectCertificateFault(const absl::StatusOr<HttpReply>& reply) {
    EXPECT_THAT(reply, StatusIs(absl::StatusCode::kUnavailable));
    EXPECT_TRUE(IsCertificateFault(reply.status())) << reply.status();
  }

  const TestAuthority other_{"other"};
  std::string path_;
  mutable absl::Mutex mutex_;
  std::vector<absl::Status> told_ ABSL_GUARDED_BY(mutex_);
};

TEST_F(CurlHttpClientTrustTest, AuthorityThatIsAddedIsTrusted) {
  const ScriptedServer server(&Answer, other_.Issue(kHost));
  const auto client = MakeClientTrusting(authority_);
  const auto target = Target(server.Url());
  ExpectCertificateFault(Post(*client, target));
  Trust(other_);
  EXPECT_THAT(Post(*client, target), IsOk());
  EXPECT_THAT(client->stats().trust_store_reloads, Eq(1));
  EXPECT_THAT(client->stats().trust_store_reload_failures, Eq(0));
}

TEST_F(CurlHttpClientTrustTest, ConnectionMadeUnderARemovedAuthorityIsClosedAndNotUsedAgain) {
  const ScriptedServer server(&Answer, authority_.Issue(kHost));
  const auto client = MakeClientTrusting(authority_);
  const auto target = Target(server.Url());
  ASSERT_THAT(Post(*client, target), IsOk());
  Trust(other_);
  EXPECT_TRUE(server.AwaitPeerCloses(1));
  ExpectCertificateFault(Post(*client, target));
  EXPECT_THAT(server.requests(), SizeIs(1));
}

// A session that is resumed verifies no certificate.
TEST_F(CurlHttpClientTrustTest, SessionMadeUnderARemovedAuthorityIsNotResumed) {
  const ScriptedServer server(
      [](const ScriptedServer::Request&) {
        return Script().Send(ReplyText(200, "", "Connection: close\r\n"));
      },
      authority_.Issue(kHost));
  const auto client = MakeClientTrusting(authority_);
  const auto target = Target(server.Url());
  for (int i = 0; i < 2; ++i) ASSERT_THAT(Post(*client, target), IsOk());
  ASSERT_THAT(server.resumed(), Eq(1));
  Trust(other_);
  ExpectCertificateFault(Post(*client, target));
  EXPECT_THAT(server.requests(), SizeIs(2));
  EXPECT_THAT(server.resumed(), Eq(1));
  // And is not forgotten to be worthless.
  Trust(authority_);
  ASSERT_THAT(Post(*client, target), IsOk());
  EXPECT_THAT(server.resumed(), Eq(1));
  ASSERT_THAT(Post(*client, target), IsOk());
  EXPECT_THAT(server.resumed(), Eq(2));
}

TEST_F(CurlHttpClientTrustTest, RequestThatIsUnderWayEndsWellAndTheLastOnItsConnection) {
  Gate gate;
  const ScriptedServer server(
      [&](const ScriptedServer::Request&) {
        return Script().WaitFor(gate).Send(ReplyText(200, ""));
      },
      authority_.Issue(kHost));
  const auto client = MakeClientTrusting(authority_);
  const auto target = Target(server.Url());
  CallContext context(DeadlineIn(absl::Seconds(30)));
  PendingReply reply;
  client->Post({target, ""}, context, reply.Callback());
  ASSERT_TRUE(server.AwaitRequests(1));
  Trust(other_);
  EXPECT_FALSE(reply.answered());
  gate.Open();
  EXPECT_THAT(reply.Await(), IsOk());
  EXPECT_TRUE(server.AwaitPeerCloses(1));
  ExpectCertificateFault(Post(*client, target));
  Trust(authority_);
  // The handle that had it keeps its connections again.
  for (int i = 0; i < 2; ++i) EXPECT_THAT(Post(*client, target), IsOk());
  EXPECT_THAT(server.connections(), Eq(3));
}

TEST_F(CurlHttpClientTrustTest, RequestThatIsSentAgainMeanwhileVerifiesItsNewConnection) {
  Gate gate;
  const ScriptedServer server(
      [&](const ScriptedServer::Request& request) {
        return request.body == "wait" ? Script().WaitFor(gate).Close() : Answer(request);
      },
      authority_.Issue(kHost));
  const auto client = MakeClientTrusting(authority_);
  const auto target = Target(server.Url());
  ASSERT_THAT(Post(*client, target, "first"), IsOk());
  CallContext context(DeadlineIn(absl::Seconds(30)));
  PendingReply reply;
  client->Post({target, "wait"}, context, reply.Callback());
  ASSERT_TRUE(server.AwaitRequests(2));
  Trust(other_);
  // The kept connection dies before the first byte of the reply: libcurl makes another.
  gate.Open();
  ExpectCertificateFault(reply.Await());
  EXPECT_THAT(server.connections(), Eq(2));
  EXPECT_THAT(server.requests(), SizeIs(2));
  EXPECT_THAT(server.resumed(), Eq(0));
}

TEST_F(CurlHttpClientTrustTest, FileThatCannotBeUsedLeavesTheAuthoritiesAndIsToldOnce) {
  const ScriptedServer server(&Answer, authority_.Issue(kHost));
  const auto client = MakeClientTrusting(authority_);
  const auto target = Target(server.Url());
  ASSERT_THAT(Post(*client, target), IsOk());
  std::filesystem::remove(path_);
  EXPECT_THAT(AwaitTold(1), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(path_)));
  // The good ones stay, and so do the connections made under them.
  EXPECT_THAT(Post(*client, target), IsOk());
  EXPECT_THAT(server.connections(), Eq(1));
  EXPECT_THAT(client->stats().trust_store_reload_failures, Ge(1));
  Trust(other_);
  EXPECT_THAT(told(), Eq(2u));
  ExpectCertificateFault(Post(*client, target));
  EXPECT_THAT(client->stats().trust_store_reloads, Eq(1));
}

TEST_F(CurlHttpClientTrustTest, ChangesUnderLoadFailNoCall) {
  const ScriptedServer server(&Answer, authority_.Issue(kHost));
  const auto client = MakeClientTrusting(authority_);
  const auto target = Target(server.Url());
  constexpr int kCalls = 4;
  for (int change = 0; change < 5; ++change) {
    std::vector<PendingReply> replies(kCalls);
    CallContext context(DeadlineIn(absl::Seconds(30)));
    const size_t before = told();
    std::filesystem::rename(authority_.CertificateFile(), path_);
    // Calls all the while, some on kept connections and some on their way to new ones.
    while (told() == before) {
      for (PendingReply& reply : replies) {
        reply = PendingReply();
        client->Post({target, "body"}, context, reply.Callback());
      }
      for (const PendingReply& reply : replies) ASSERT_THAT(reply.Await(), IsOk());
    }
    EXPECT_THAT(AwaitTold(before + 1), IsOk());
  }
  EXPECT_THAT(client->stats().trust_store_reloads, Eq(5));
}

}  // namespace
}  // namespace uid2::testing
