// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/request_parser.h"

#include <grpcpp/support/slice.h>

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/status/reason.h"
#include "tests/matchers/status_matchers.h"
#include "uid2/identity/v1/identity_service.pb.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using uid2::testing::IsOk;
namespace v1 = identity::v1;

// The wire format of a length-delimited field with a number below 16.
std::string Field(int number, const std::string& value) {
  std::string field = {static_cast<char>(number << 3 | 2), static_cast<char>(value.size())};
  return field + value;
}

grpc::ByteBuffer Buffer(const std::vector<std::string>& pieces) {
  std::vector<grpc::Slice> slices(pieces.begin(), pieces.end());
  return grpc::ByteBuffer(slices.data(), slices.size());
}

absl::Status ParseGenerate(const std::string& bytes) {
  grpc::ByteBuffer buffer = Buffer({bytes});
  v1::GenerateIdentityRequest request;
  return ParseRequest(buffer, request);
}

struct InvalidTextCase {
  const char* name;
  std::string bytes;
  const char* field;
};

class InvalidTextTest : public ::testing::TestWithParam<InvalidTextCase> {};

TEST_P(InvalidTextTest, TheFieldIsNamedAndNothingIsWrittenToStderr) {
  ::testing::internal::CaptureStderr();
  const absl::Status status = ParseGenerate(GetParam().bytes);
  EXPECT_THAT(::testing::internal::GetCapturedStderr(), Eq(""));
  EXPECT_THAT(ReasonOf(status), Eq(v1::REQUEST_MALFORMED));
  EXPECT_THAT(FieldOf(status), Eq(GetParam().field));
}

INSTANTIATE_TEST_SUITE_P(
    , InvalidTextTest,
    ::testing::Values(InvalidTextCase{"email", Field(1, "caf\xe9@example.com"), "email"},
                      InvalidTextCase{"phone", Field(2, "\xff"), "phone"},
                      InvalidTextCase{"email_hash", Field(3, "\xff"), "email_hash"},
                      InvalidTextCase{"phone_hash", Field(4, "\xff"), "phone_hash"},
                      InvalidTextCase{"tcf_consent_string", Field(5, "\xff"), "tcf_consent_string"},
                      InvalidTextCase{"participant", Field(6, "\xff"), "participant"},
                      InvalidTextCase{"after_another_field", Field(1, "a@b.co") + Field(6, "\xc3"),
                                      "participant"},
                      InvalidTextCase{"after_unknown_fields",
                                      std::string("\x78\x01\x7d\x01\x02\x03\x04", 7) +
                                          Field(15, "\xff") + Field(2, "\xff"),
                                      "phone"},
                      InvalidTextCase{"overwritten_by_a_valid_value",
                                      Field(1, "\xff") + Field(1, "a@b.co"), "email"},
                      InvalidTextCase{"surrogate", Field(1, "12345678\xed\xa0\x80"), "email"},
                      InvalidTextCase{"cut_short", Field(1, "1234567\xc3"), "email"},
                      InvalidTextCase{"before_bytes_that_are_not_protobuf",
                                      Field(1, "\xff") + "\xff", "email"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(RequestParserTest, NamesTheFieldOfARefreshToo) {
  grpc::ByteBuffer buffer = Buffer({Field(1, "{\"advertising_token\": \"\xff\"}")});
  v1::RefreshIdentityRequest request;
  EXPECT_THAT(FieldOf(ParseRequest(buffer, request)), Eq("identity_json"));
}

TEST(RequestParserTest, TakesWhatIsUtf8) {
  for (const char* text :
       {"", "a@b.co", "\xc3\xa9", "1234567\xc3\xa9", "\xf0\x9f\x98\x80 1234567"}) {
    EXPECT_THAT(ParseGenerate(Field(1, text)), IsOk()) << text;
  }
}

TEST(RequestParserTest, BytesOfAnUnknownFieldNeedNotBeText) {
  EXPECT_THAT(ParseGenerate(Field(15, "\xff")), IsOk());
}

TEST(RequestParserTest, ARequestInPiecesIsParsedAsOne) {
  grpc::ByteBuffer buffer = Buffer({"\x0a", "\x06", "a@b", ".co"});
  v1::GenerateIdentityRequest request;
  ASSERT_THAT(ParseRequest(buffer, request), IsOk());
  EXPECT_THAT(request.email(), Eq("a@b.co"));
}

TEST(RequestParserTest, AnEmptyRequestIsOne) {
  EXPECT_THAT(ParseGenerate(""), IsOk());
  grpc::ByteBuffer nothing;
  v1::GenerateIdentityRequest request;
  EXPECT_THAT(ReasonOf(ParseRequest(nothing, request)), Eq(v1::REQUEST_MALFORMED));
}

TEST(RequestParserTest, BytesThatAreNotProtobufNameNoField) {
  for (const std::string& bytes :
       {std::string("\xff\xff\xff\xff"), std::string("\x0a\x7f"),
        std::string("\x0a\x06"
                    "a@b"),
        std::string("\x0a\xff\xff\xff\xff\x0f"), std::string("\x0c"), std::string("\x00", 1)}) {
    const absl::Status status = ParseGenerate(bytes);
    EXPECT_THAT(ReasonOf(status), Eq(v1::REQUEST_MALFORMED));
    EXPECT_THAT(FieldOf(status), Eq(""));
  }
}

}  // namespace
}  // namespace uid2
