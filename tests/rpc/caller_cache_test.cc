// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/caller_cache.h"

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fakes/test_certificates.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using ::testing::Gt;
using ::testing::IsEmpty;
using ::testing::IsNull;
using ::testing::Le;
using ::testing::Ne;
using uid2::testing::TestAuthority;

class CallerCacheTest : public ::testing::Test {
 protected:
  const TestAuthority authority_{"authority"};
  const CallerList list_{{{.san = "web.example"}, {.san = "spiffe://example/web"}}, 1};
  CallerCache cache_{list_};
};

TEST_F(CallerCacheTest, ACertificateIsRememberedWithItsDates) {
  const std::string pem = authority_.Issue("DNS:web.example", absl::Hours(2)).certificate;
  const std::shared_ptr<const Caller> caller = cache_.Find(pem);
  EXPECT_THAT(caller->name(), Eq("web.example"));
  EXPECT_THAT(caller->ends - caller->begins, Eq(absl::Hours(3)));
  EXPECT_THAT(cache_.Find(pem), Eq(caller));
  EXPECT_THAT(cache_.bytes(), Eq(pem.size()));
}

TEST_F(CallerCacheTest, EachCertificateHasItsOwnCaller) {
  EXPECT_THAT(cache_.Find(authority_.Issue("DNS:web.example").certificate)->name(),
              Eq("web.example"));
  EXPECT_THAT(cache_.Find(authority_.Issue("URI:spiffe://example/web").certificate)->name(),
              Eq("spiffe://example/web"));
  EXPECT_THAT(cache_.Find(authority_.Issue("DNS:other.example").certificate)->entry, IsNull());
}

TEST_F(CallerCacheTest, ANameWithANulMatchesNothing) {
  // "web.example\0.b"
  const std::string pem =
      authority_.Issue("DER:30:10:82:0e:77:65:62:2e:65:78:61:6d:70:6c:65:00:2e:62").certificate;
  const std::shared_ptr<const Caller> caller = cache_.Find(pem);
  EXPECT_THAT(caller->entry, IsNull());
  EXPECT_THAT(caller->certificate_name, Eq("web.example\\x00.b"));
}

TEST_F(CallerCacheTest, TextWithoutACertificateIsOfNobody) {
  for (const char* pem : {"", "text", "-----BEGIN CERTIFICATE-----\nAAAA\n"}) {
    EXPECT_THAT(cache_.Find(pem)->entry, IsNull()) << pem;
  }
}

TEST_F(CallerCacheTest, ItsSizeIsLimitedAndEarlierCallersStay) {
  const std::string pem = authority_.Issue("DNS:web.example").certificate;
  const std::shared_ptr<const Caller> first = cache_.Find(pem);
  // Text around a certificate is ignored, so that this makes different keys.
  const std::string filler(10'000, ' ');
  for (int i = 0; i < 500; ++i) {
    EXPECT_THAT(cache_.Find(absl::StrCat(i, filler))->entry, IsNull());
    ASSERT_THAT(cache_.bytes(), Le(CallerCache::kMaxBytes));
  }
  EXPECT_THAT(cache_.bytes(), Gt(0U));
  EXPECT_THAT(first->name(), Eq("web.example"));
  const std::shared_ptr<const Caller> again = cache_.Find(pem);
  EXPECT_THAT(again, Ne(first));
  EXPECT_THAT(again->name(), Eq("web.example"));
}

TEST(AnonymousCallerCacheTest, WithoutAListEverybodyIsOneCaller) {
  const CallerList list({}, 1);
  CallerCache cache(list);
  EXPECT_THAT(cache.Find("one"), Eq(cache.Find("two")));
  EXPECT_THAT(cache.Find("")->name(), IsEmpty());
  EXPECT_THAT(cache.bytes(), Eq(0U));
}

}  // namespace
}  // namespace uid2
