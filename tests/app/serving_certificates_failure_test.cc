// SPDX-License-Identifier: Apache-2.0

#include <filesystem>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/app/serving_certificates.h"
#include "tests/app/serving_certificates_fixture.h"
#include "tests/fakes/test_certificates.h"
#include "tests/matchers/status_matchers.h"

namespace uid2 {
namespace {

using ::testing::AllOf;
using ::testing::Eq;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Le;
using ::testing::Not;
using uid2::testing::StatusIs;
using uid2::testing::TestCertificate;
using uid2::testing::TestCertificateRequest;

using ServingCertificatesFailureTest = uid2::testing::ServingCertificatesTest;
namespace fs = std::filesystem;

TEST_F(ServingCertificatesFailureTest, FailsToOpenWithBadFilesOrABadFolder) {
  Replace("tls.crt", "junk");
  EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("tls.crt: ")));
  ReplacePair("second");
  fs::permissions(folder_ + "/run", fs::perms::all);
  EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("runtime_dir: ")));
}

TEST_F(ServingCertificatesFailureTest, AFolderThatSomebodyElseRemovesIsMadeAgain) {
  Serve();
  fs::rename(folder_ + "/run", folder_ + "/moved");
  EXPECT_THAT(events_.Await("have been written again"), HasSubstr("keep cleaners"));
  EXPECT_TRUE(fs::exists(folder_ + "/run/current/private_key.pem"));
  ReplacePair("second");
  EXPECT_TRUE(AwaitServer("second"));
}

TEST_F(ServingCertificatesFailureTest,
       AFolderThatCannotBeMadeAgainIsLoggedOnceAndServingContinues) {
  configuration_.runtime_dir = folder_ + "/parent/run";
  fs::create_directory(folder_ + "/parent");
  Serve();
  fs::rename(folder_ + "/parent", folder_ + "/moved");
  EXPECT_THAT(events_.Await("changed ones cannot be used"), HasSubstr("cannot create it"));
  (void)events_.Take();
  EXPECT_THAT(Call().server, Eq("first"));
  fs::create_directory(folder_ + "/parent");
  EXPECT_THAT(events_.Await("have been written again"), Not(HasSubstr("cannot create it")));
}

TEST_F(ServingCertificatesFailureTest, KeepsTheLastGoodSetWhileTheFilesCannotBeUsed) {
  Serve();
  const struct {
    const char* file;
    std::string content;
    const char* problem;
  } kBad[] = {
      {"tls.key", Pair("other").key, "tls.key: the private key does not belong"},
      {"tls.crt", "junk", "tls.crt: it contains no certificate"},
      {"ca.crt", "junk", "ca.crt: it contains no certificate"},
      {"ca.crt", client_.key, "ca.crt: it contains a private key"},
  };
  for (const auto& bad : kBad) {
    const std::string good = folder_ + "/good";
    fs::rename(folder_ + "/" + bad.file, good);
    EXPECT_THAT(events_.Await("No such file"), HasSubstr("the earlier ones, whose certificate is"));
    EXPECT_THAT(Call().server, Eq("first"));
    Replace(bad.file, bad.content);
    EXPECT_THAT(events_.Await(bad.problem),
                HasSubstr("the changed certificate files are not used"));
    EXPECT_THAT(metrics_.Total("certificate_reload_failing"), Eq(1));
    EXPECT_THAT(Call().server, Eq("first"));
    EXPECT_THAT(Call().code, Eq(grpc::StatusCode::OK));
    (void)events_.Take();
    fs::rename(good, folder_ + "/" + bad.file);
    EXPECT_THAT(events_.Await("but they contain the set in use"), HasSubstr("is valid until"));
    EXPECT_THAT(metrics_.Total("certificate_reload_failing"), Eq(0));
    // If the files came back while they were being loaded, two checks later they are loaded again.
    AwaitChecks(3);
    (void)events_.Take();
  }
  EXPECT_THAT(metrics_.Total("certificate_reload_total", "success"), AllOf(Ge(4), Le(8)));
  EXPECT_THAT(metrics_.Total("certificate_reload_total", "failure"), Eq(8));
  ReplacePair("second");
  EXPECT_TRUE(AwaitServer("second"));
}

TEST_F(ServingCertificatesFailureTest, ASetThatIsNotValidYetIsUsedOnceItIs) {
  Serve();
  const TestCertificate pair = server_ca_.Issue(TestCertificateRequest{
      .name = "later", .valid_from = absl::Minutes(20), .valid_until = absl::Hours(3)});
  Replace("tls.crt", pair.certificate);
  Replace("tls.key", pair.key);
  EXPECT_THAT(events_.Await("is not valid before"), HasSubstr("certificate 1 (CN=later)"));
  (void)events_.Take();
  clock_.Advance(absl::Minutes(30));
  EXPECT_THAT(events_.Await("the changed certificate files are in use"), Not(IsEmpty()));
}

}  // namespace
}  // namespace uid2
