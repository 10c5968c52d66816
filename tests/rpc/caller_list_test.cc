// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/caller_list.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using ::testing::IsEmpty;
using ::testing::IsNull;
using ::testing::Ne;
using ::testing::SizeIs;

CallerList ListOf(const std::vector<std::string>& sans) {
  std::vector<CallerEntry> entries;
  for (const std::string& san : sans) entries.push_back({.san = san});
  return CallerList(entries, 1);
}

struct MatchCase {
  const char* situation;
  std::vector<std::string> listed;
  std::vector<std::string> dns_names;
  std::vector<std::string> uris;
  // The name of the entry that decides; empty if there is none.
  const char* entry;
};

class MatchTest : public ::testing::TestWithParam<MatchCase> {};

TEST_P(MatchTest, TheFirstEntryThatMatchesTheCertificateDecides) {
  const MatchCase& test = GetParam();
  const CallerList list = ListOf(test.listed);
  CertificateSummary certificate;
  certificate.subject = "CN=web.example";
  certificate.dns_names = test.dns_names;
  certificate.uris = test.uris;
  const Caller caller = list.Identify(certificate);
  EXPECT_THAT(caller.name(), Eq(test.entry));
  EXPECT_THAT(list.names()[caller.number], Eq(test.entry));
}

INSTANTIATE_TEST_SUITE_P(
    , MatchTest,
    ::testing::Values(
        MatchCase{"dns_name", {"a.example", "b.example"}, {"b.example"}, {}, "b.example"},
        MatchCase{"uri", {"spiffe://e/a", "spiffe://e/b"}, {}, {"spiffe://e/b"}, "spiffe://e/b"},
        MatchCase{"second_name_of_the_certificate", {"b"}, {"a", "b"}, {}, "b"},
        MatchCase{"entries_in_another_order_than_names", {"b", "u:a"}, {"a", "b"}, {"u:a"}, "b"},
        MatchCase{"uri_listed_before_dns_name", {"u:a", "b"}, {"b"}, {"u:a"}, "u:a"},
        MatchCase{"not_listed", {"a.example"}, {"b.example"}, {}, ""},
        MatchCase{"common_name", {"web.example", "CN=web.example"}, {}, {}, ""},
        MatchCase{"common_name_beside_another_name", {"web.example"}, {"other"}, {}, ""},
        MatchCase{"another_case", {"a.example"}, {"A.example"}, {}, ""},
        MatchCase{"name_that_begins_alike", {"a.example"}, {"a.example.com", "a.exampl"}, {}, ""},
        MatchCase{"subdomain", {"example.com"}, {"a.example.com"}, {}, ""},
        MatchCase{"trailing_dot", {"a.example"}, {"a.example."}, {}, ""},
        MatchCase{"escaped_nul", {"a.example"}, {"a.example\\x00.b"}, {}, ""},
        MatchCase{"pattern_in_the_certificate", {"a.example.com"}, {"*.example.com"}, {}, ""},
        MatchCase{"star_in_the_certificate", {"a.example.com"}, {"*"}, {"*"}, ""},
        MatchCase{"uri_as_dns_name", {"spiffe://e/a"}, {"spiffe://e/a"}, {}, ""},
        MatchCase{"dns_name_as_uri", {"a.example"}, {}, {"a.example"}, ""},
        MatchCase{"uri_with_another_path", {"spiffe://e/a"}, {}, {"spiffe://e/a/b"}, ""},
        MatchCase{"everybody", {"a", "*"}, {"b"}, {}, "*"},
        MatchCase{"nobody_in_particular", {"*"}, {}, {}, "*"},
        MatchCase{"listed_before_everybody", {"a", "*"}, {"a"}, {}, "a"},
        MatchCase{"everybody_first", {"*", "a"}, {"a"}, {}, "*"}),
    [](const auto& test) { return std::string(test.param.situation); });

TEST(CallerListTest, AListedCallerHasOneShareWhateverItsOtherNames) {
  const CallerList list = ListOf({"web", "*"});
  CertificateSummary one;
  one.dns_names = {"web"};
  CertificateSummary two;
  two.uris = {"u:a"};
  two.dns_names = {"web"};
  EXPECT_THAT(list.Identify(one).share, Eq(list.Identify(two).share));
  EXPECT_THAT(list.Identify(two).certificate_name, IsEmpty());
}

TEST(CallerListTest, UnderStarEachCertificateNameHasAShareOfItsOwn) {
  const CallerList list = ListOf({"web", "*"});
  CertificateSummary certificate;
  certificate.subject = "CN=a";
  EXPECT_THAT(list.Identify(certificate).certificate_name, Eq("CN=a"));
  certificate.dns_names = {"a.example", "b.example"};
  const Caller by_dns_name = list.Identify(certificate);
  EXPECT_THAT(by_dns_name.certificate_name, Eq("a.example"));
  certificate.uris = {"u:a", "u:b"};
  const Caller by_uri = list.Identify(certificate);
  EXPECT_THAT(by_uri.certificate_name, Eq("u:a"));
  EXPECT_THAT(by_uri.share, Ne(by_dns_name.share));
  certificate.dns_names = {"c.example"};
  EXPECT_THAT(list.Identify(certificate).share, Eq(by_uri.share));
}

TEST(CallerListTest, NoCertificateSharesAListedCallersShareByItsName) {
  const CallerList list = ListOf({"u:web", "*"});
  CertificateSummary listed;
  listed.uris = {"u:web"};
  CertificateSummary odd;
  odd.dns_names = {"u:web"};
  EXPECT_THAT(list.Identify(odd).name(), Eq("*"));
  EXPECT_THAT(list.Identify(odd).share, Ne(list.Identify(listed).share));
}

TEST(CallerListTest, ALongNameIsCutForTheLogOnly) {
  const CallerList list = ListOf({"*"});
  CertificateSummary certificate;
  certificate.uris = {"u:" + std::string(3000, 'a')};
  EXPECT_THAT(list.Identify(certificate).certificate_name, SizeIs(256));
  EXPECT_THAT(list.Identify(certificate).share, SizeIs(3004));
}

TEST(CallerListTest, WhoIsNotListedHasANameForTheLogOnly) {
  const CallerList list = ListOf({"web"});
  CertificateSummary certificate;
  certificate.dns_names = {"other"};
  const Caller caller = list.Identify(certificate);
  EXPECT_THAT(caller.entry, IsNull());
  EXPECT_THAT(caller.certificate_name, Eq("other"));
}

TEST(CallerListTest, WithoutEntriesCallersAreNotAuthenticatedAndMayUseEverything) {
  const CallerList list({}, 0.25);
  EXPECT_FALSE(list.authenticated());
  const Caller caller = list.Anonymous();
  EXPECT_THAT(caller.name(), IsEmpty());
  EXPECT_THAT(caller.certificate_name, IsEmpty());
  EXPECT_TRUE(caller.entry->participants.Includes("any"));
  EXPECT_THAT(caller.entry->max_share, Eq(0.25));
}

}  // namespace
}  // namespace uid2
