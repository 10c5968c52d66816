// SPDX-License-Identifier: Apache-2.0

#include "server/app/certificate_age_log.h"

#include <string>

#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fakes/recording_event_log.h"

namespace uid2 {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using uid2::testing::RecordingEventLog;

constexpr absl::Duration kDay = absl::Hours(24);
const absl::Time kBegin = absl::FromUnixSeconds(1801396800);  // 2027-01-31 12:00 UTC

CertificateSummary Certificate(const std::string& name, absl::Duration life) {
  return {.subject = "CN=" + name,
          .issuer = "CN=issuer",
          .dns_names = {},
          .ip_addresses = {},
          .uris = {},
          .begins = kBegin,
          .ends = kBegin + life};
}

class CertificateAgeLogTest : public ::testing::Test {
 protected:
  RecordingEventLog events_;
  CertificateAgeLog log_{{"tls.crt", "tls.key", "ca.crt"}, events_};
  CertificateSet set_;
};

TEST_F(CertificateAgeLogTest, WarnsInTheLastThirdOfALifeAndAtItsEnd) {
  set_.chain = {Certificate("server", 3 * kDay)};
  log_.Check(set_, kBegin + 2 * kDay);
  EXPECT_THAT(events_.Take(), IsEmpty());
  log_.Check(set_, kBegin + 2 * kDay + absl::Seconds(1));
  EXPECT_THAT(events_.Take(),
              ElementsAre("tls.crt: the certificate CN=server expires on 2027-02-03 12:00 UTC; "
                          "replace it before that"));
  log_.Check(set_, kBegin + 3 * kDay);
  EXPECT_THAT(events_.Take(), IsEmpty());
  log_.Check(set_, kBegin + 3 * kDay + absl::Seconds(1));
  EXPECT_THAT(events_.Take(),
              ElementsAre("tls.crt: the certificate CN=server expired on 2027-02-03 12:00 UTC, so "
                          "clients refuse this server; replace it now"));
  log_.Check(set_, kBegin + 30 * kDay);
  EXPECT_THAT(events_.Take(), IsEmpty());
}

TEST_F(CertificateAgeLogTest, WarnsOfALongLifeAMonthBeforeItsEnd) {
  set_.chain = {Certificate("server", 3650 * kDay)};
  log_.Check(set_, kBegin + 3620 * kDay);
  EXPECT_THAT(events_.Take(), IsEmpty());
  log_.Check(set_, kBegin + 3620 * kDay + absl::Seconds(1));
  EXPECT_THAT(events_.Take(), ::testing::SizeIs(1));
}

TEST_F(CertificateAgeLogTest, WarnsOfEachCertificateAndEachAuthority) {
  set_.chain = {Certificate("server", 30 * kDay), Certificate("intermediate", 3 * kDay)};
  set_.client_authorities = {Certificate("old", 2 * kDay), Certificate("new", 40 * kDay)};
  log_.Check(set_, kBegin + 2 * kDay + absl::Hours(1));
  EXPECT_THAT(
      events_.Take(),
      ElementsAre("tls.crt: the certificate CN=intermediate expires on 2027-02-03 12:00 UTC; "
                  "replace it before that",
                  "ca.crt: the certificate CN=old expired on 2027-02-02 12:00 UTC, so clients with "
                  "certificates from it are refused; replace it now"));
}

TEST_F(CertificateAgeLogTest, ANewCertificateIsWarnedOfAnew) {
  set_.chain = {Certificate("server", 3 * kDay)};
  log_.Check(set_, kBegin + 3 * kDay);
  EXPECT_THAT(events_.Take(), ::testing::SizeIs(1));
  set_.chain = {Certificate("server", 4 * kDay)};
  log_.Check(set_, kBegin + 3 * kDay);
  EXPECT_THAT(events_.Take(), ::testing::SizeIs(1));
  set_.chain = {Certificate("server", 30 * kDay)};
  log_.Check(set_, kBegin + 3 * kDay);
  EXPECT_THAT(events_.Take(), IsEmpty());
}

}  // namespace
}  // namespace uid2
