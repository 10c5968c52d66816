// SPDX-License-Identifier: Apache-2.0

#include "server/call/trace_id.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using ::testing::IsEmpty;

constexpr char kTrace[] = "0af7651916cd43dd8448eb211c80319c";
constexpr char kParent[] = "b7ad6b7169203331";

std::string Header(absl::string_view version, absl::string_view trace, absl::string_view parent,
                   absl::string_view flags, absl::string_view more = "") {
  return absl::StrCat(version, "-", trace, "-", parent, "-", flags, more);
}

std::string IdOf(absl::string_view header) {
  return std::string(TraceId::FromTraceParent(header).text());
}

TEST(TraceIdTest, AValidHeaderOfVersion0IsRead) {
  EXPECT_THAT(IdOf(Header("00", kTrace, kParent, "01")), Eq(kTrace));
  EXPECT_THAT(IdOf(Header("00", kTrace, kParent, "00")), Eq(kTrace));
  // Unknown flags do not matter.
  EXPECT_THAT(IdOf(Header("00", kTrace, kParent, "ff")), Eq(kTrace));
  EXPECT_THAT(IdOf(Header("00", "00000000000000000000000000000001", "0000000000000001", "01")),
              Eq("00000000000000000000000000000001"));
}

TEST(TraceIdTest, ALaterVersionIsReadAsFarAsItIsKnown) {
  EXPECT_THAT(IdOf(Header("01", kTrace, kParent, "01")), Eq(kTrace));
  EXPECT_THAT(IdOf(Header("fe", kTrace, kParent, "01", "-what-the-future-brings")), Eq(kTrace));
  EXPECT_THAT(IdOf(Header("01", kTrace, kParent, "01", "-")), Eq(kTrace));
}

TEST(TraceIdTest, AnythingElseIsNone) {
  const std::string valid = Header("00", kTrace, kParent, "01");
  std::vector<std::string> headers = {
      "",
      "00",
      Header("ff", kTrace, kParent, "01"),
      Header("0F", kTrace, kParent, "01"),
      Header("0g", kTrace, kParent, "01"),
      // All zero.
      Header("00", std::string(32, '0'), kParent, "01"),
      Header("00", kTrace, std::string(16, '0'), "01"),
      // Upper case.
      Header("00", "0AF7651916CD43DD8448EB211C80319C", kParent, "01"),
      Header("00", kTrace, "B7AD6B7169203331", "01"),
      Header("00", kTrace, kParent, "0A"),
      Header("cc", "0AF7651916CD43DD8448EB211C80319C", kParent, "01"),
      // One digit too few or too many.
      Header("00", "af7651916cd43dd8448eb211c80319c", kParent, "010"),
      Header("00", "00af7651916cd43dd8448eb211c80319c", "7ad6b7169203331", "01"),
      Header("00", kTrace, kParent, "1"),
      Header("01", kTrace, kParent, "0"),
      // More than version 00 has, and no separator in a later one.
      Header("00", kTrace, kParent, "01", "-more"),
      Header("00", kTrace, kParent, "01", "-"),
      Header("01", kTrace, kParent, "01", "more"),
      // Two headers that a proxy has joined; white space; what would forge a line.
      absl::StrCat(valid, ",", valid),
      absl::StrCat(" ", valid),
      absl::StrCat(valid, " "),
      Header("00", "0af7651916cd43dd\n8448eb211c80319", kParent, "01"),
      Header("00", "0af7651916cd43dd\"8448eb211c80319", kParent, "01"),
      Header("00", std::string(32, '\xff'), kParent, "01"),
      Header("00", std::string(32, '\0'), kParent, "01"),
  };
  for (const std::string& header : headers) EXPECT_THAT(IdOf(header), IsEmpty()) << header;
}

TEST(TraceIdTest, EveryByteOfTheHeaderMatters) {
  const std::string valid = Header("00", kTrace, kParent, "01");
  for (size_t i = 0; i < valid.size(); ++i) {
    std::string header = valid;
    header[i] = 'x';
    EXPECT_THAT(IdOf(header), IsEmpty()) << header;
    EXPECT_THAT(IdOf(valid.substr(0, i)), IsEmpty());
  }
}

TEST(TraceIdTest, NoneIsTheDefault) { EXPECT_THAT(TraceId().text(), IsEmpty()); }

}  // namespace
}  // namespace uid2
