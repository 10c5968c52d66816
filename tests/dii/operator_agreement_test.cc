// SPDX-License-Identifier: Apache-2.0

// What a running operator accepted and rejected, and the hashes it computed: see the file's
// "about".

#include <fstream>
#include <iterator>
#include <map>
#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_format.h"
#include "absl/types/optional.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "rapidjson/document.h"
#include "server/dii/dii.h"
#include "server/status/reason.h"
#include "tests/matchers/status_matchers.h"

namespace uid2 {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using uid2::testing::HasReason;
using uid2::testing::IsOk;

struct Case {
  std::string kind;
  std::string input;
  bool accepted;
  bool strict_accepts;
  // Absent if the operator rejected the input, and for hashes.
  absl::optional<std::string> sha256;
  size_t number;
};

void PrintTo(const Case& row, std::ostream* out) {
  *out << row.kind << " \"" << absl::CHexEscape(row.input) << '"';
}

// Throws if the file is not as expected, which ends the test program before any test runs.
std::vector<Case> ReadCases() {
  std::ifstream file("tests/testdata/normalization_cases.json");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  rapidjson::Document document;
  document.Parse(text.data(), text.size());
  if (document.HasParseError()) throw std::runtime_error("normalization_cases.json is not JSON");
  std::vector<Case> cases;
  for (const auto& row : document["cases"].GetArray()) {
    const auto text_of = [&row](const char* name) {
      return std::string(row[name].GetString(), row[name].GetStringLength());
    };
    Case read{.kind = text_of("kind"),
              .input = text_of("input"),
              .accepted = row["accepted"].GetBool(),
              .strict_accepts = row["strict_accepts"].GetBool(),
              .sha256 = absl::nullopt,
              .number = cases.size()};
    if (!row["sha256"].IsNull()) read.sha256 = text_of("sha256");
    cases.push_back(std::move(read));
  }
  return cases;
}

DiiInput InputOf(const Case& row) {
  DiiInput input;
  if (row.kind == "email") input.email = row.input;
  if (row.kind == "phone") input.phone = row.input;
  if (row.kind == "email_hash") input.email_hash = row.input;
  if (row.kind == "phone_hash") input.phone_hash = row.input;
  return input;
}

Reason RefusalOf(const Case& row) {
  if (row.input.empty()) return identity::v1::DII_MISSING;
  if (row.kind == "email") return identity::v1::EMAIL_INVALID;
  if (row.kind == "phone") return identity::v1::PHONE_NOT_E164;
  if (row.kind == "email_hash") return identity::v1::EMAIL_HASH_INVALID;
  return identity::v1::PHONE_HASH_INVALID;
}

// The bytes that the operator reads from a hash. Abseil's decoders are not under test here.
std::string BytesOf(const std::string& hash) {
  if (hash.size() == 64) return absl::HexStringToBytes(hash);
  std::string bytes;
  EXPECT_TRUE(absl::Base64Unescape(hash, &bytes));
  return bytes;
}

class OperatorAgreementTest : public ::testing::TestWithParam<Case> {
 protected:
  static void Expect(bool accepted, DiiPolicy policy) {
    const Case& row = GetParam();
    const absl::StatusOr<HashedDii> dii = HashDii(InputOf(row), policy);
    if (!accepted) {
      ASSERT_THAT(dii, HasReason(RefusalOf(row)));
      // Shorter inputs can occur in messages by chance.
      if (row.input.size() > 4) {
        EXPECT_THAT(dii.status().ToString(), Not(HasSubstr(row.input)));
      }
      return;
    }
    ASSERT_THAT(dii, IsOk());
    const bool of_email = row.kind == "email" || row.kind == "email_hash";
    EXPECT_EQ(dii->kind, of_email ? DiiKind::kEmail : DiiKind::kPhone);
    EXPECT_EQ(dii->hash,
              row.sha256.has_value() ? *row.sha256 : absl::Base64Escape(BytesOf(row.input)));
  }
};

TEST_P(OperatorAgreementTest, HoldsForPolicyOperator) {
  Expect(GetParam().accepted, DiiPolicy::kOperator);
}

TEST_P(OperatorAgreementTest, HoldsForPolicyStrict) {
  Expect(GetParam().strict_accepts, DiiPolicy::kStrict);
}

INSTANTIATE_TEST_SUITE_P(Cases, OperatorAgreementTest, ::testing::ValuesIn(ReadCases()),
                         [](const auto& test) {
                           const Case& row = test.param;
                           return absl::StrFormat("%03d_%s_%s", row.number, row.kind,
                                                  row.strict_accepts ? "taken_by_both"
                                                  : row.accepted     ? "taken_by_operator"
                                                                     : "refused");
                         });

// A file that lost its rows would make all the tests above pass.
TEST(OperatorCasesTest, CoverEveryKindAndVerdict) {
  std::map<std::tuple<std::string, bool, bool>, int> counts;
  for (const Case& row : ReadCases()) ++counts[{row.kind, row.accepted, row.strict_accepts}];
  const decltype(counts) expected = {
      {{"email", false, false}, 279},     {{"email", true, false}, 73},
      {{"email", true, true}, 72},        {{"email_hash", false, false}, 15},
      {{"email_hash", true, false}, 4},   {{"email_hash", true, true}, 9},
      {{"phone", false, false}, 85},      {{"phone", true, true}, 35},
      {{"phone_hash", false, false}, 12}, {{"phone_hash", true, false}, 3},
      {{"phone_hash", true, true}, 7},
  };
  EXPECT_EQ(counts, expected);
}

}  // namespace
}  // namespace uid2
