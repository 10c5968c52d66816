// SPDX-License-Identifier: Apache-2.0

#include "server/operator/envelope.h"

#include <memory>
#include <set>
#include <string>

#include "absl/strings/escaping.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/crypto/base64.h"
#include "tests/matchers/status_matchers.h"
#include "tests/testdata/json_file.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using ::testing::SizeIs;
using uid2::testing::IsOk;
using uid2::testing::ReadJsonFile;
using uid2::testing::StatusIs;

// Vectors computed by another implementation of the protocol.
class EnvelopeTest : public ::testing::Test {
 protected:
  EnvelopeTest()
      : vectors_(ReadJsonFile("envelope_vectors.json")),
        secret_(*AesGcm::New(*DecodeBase64(vectors_["client_secret"].GetString()))),
        response_key_(*DecodeBase64(vectors_["refresh_response_key"].GetString())) {}

  const rapidjson::Value& First(const char* list) { return vectors_[list].GetArray()[0]; }

  static std::string Bytes(const rapidjson::Value& hex) {
    return absl::HexStringToBytes(hex.GetString());
  }

  const rapidjson::Document vectors_;
  const std::unique_ptr<AesGcm> secret_;
  const std::string response_key_;
};

TEST_F(EnvelopeTest, SealsRequestsToTheExpectedBytes) {
  for (const auto& vector : vectors_["requests"].GetArray()) {
    const absl::StatusOr<std::string> envelope =
        SealRequest(*secret_, vector["json"].GetString(),
                    absl::FromUnixMillis(vector["timestamp_ms"].GetInt64()),
                    {Bytes(vector["iv_hex"]), Bytes(vector["nonce_hex"])});
    ASSERT_THAT(envelope, IsOk());
    EXPECT_THAT(*envelope, Eq(vector["envelope"].GetString())) << vector["name"].GetString();
  }
}

TEST_F(EnvelopeTest, OpensTheGenerateRepliesOfTheVectors) {
  for (const auto& vector : vectors_["generate_replies"].GetArray()) {
    const absl::StatusOr<OpenedReply> opened =
        OpenGenerateReply(*secret_, Bytes(vector["nonce_hex"]), vector["reply"].GetString());
    ASSERT_THAT(opened, IsOk()) << vector["name"].GetString();
    EXPECT_THAT(opened->json, Eq(vector["json"].GetString()));
    EXPECT_THAT(absl::ToUnixMillis(opened->operator_time), Eq(vector["timestamp_ms"].GetInt64()));
  }
}

TEST_F(EnvelopeTest, OpensTheRefreshRepliesOfTheVectors) {
  for (const auto& vector : vectors_["refresh_replies"].GetArray()) {
    const absl::StatusOr<std::string> opened =
        OpenRefreshReply(response_key_, vector["reply"].GetString());
    ASSERT_THAT(opened, IsOk()) << vector["name"].GetString();
    EXPECT_THAT(*opened, Eq(vector["json"].GetString()));
  }
}

TEST_F(EnvelopeTest, RejectsAGenerateReplyToAnotherRequest) {
  const auto& vector = First("generate_replies");
  std::string nonce = Bytes(vector["nonce_hex"]);
  for (size_t bit = 0; bit < nonce.size() * 8; ++bit) {
    std::string other = nonce;
    other[bit / 8] = static_cast<char>(other[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_THAT(OpenGenerateReply(*secret_, other, vector["reply"].GetString()),
                StatusIs(absl::StatusCode::kFailedPrecondition));
  }
  // Nor is a suffix of the right nonce, or no nonce, accepted.
  EXPECT_THAT(OpenGenerateReply(*secret_, nonce.substr(1), vector["reply"].GetString()),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(OpenGenerateReply(*secret_, "", vector["reply"].GetString()),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_F(EnvelopeTest, RejectsAGenerateReplyTooShortForItsHeader) {
  for (size_t size = 0; size < 16; ++size) {
    std::string sealed;
    ASSERT_THAT(secret_->SealWithUniqueIv(std::string(12, 'i'), std::string(size, 'n'), sealed),
                IsOk());
    EXPECT_THAT(OpenGenerateReply(*secret_, std::string(8, 'n'), EncodeBase64(sealed)),
                StatusIs(absl::StatusCode::kFailedPrecondition))
        << size << " bytes";
  }
}

TEST_F(EnvelopeTest, EmptyJsonIsOpenedAsEmpty) {
  std::string sealed;
  ASSERT_THAT(secret_->SealWithUniqueIv(std::string(12, 'i'), std::string(16, 'n'), sealed),
              IsOk());
  const absl::StatusOr<OpenedReply> opened =
      OpenGenerateReply(*secret_, std::string(8, 'n'), EncodeBase64(sealed));
  ASSERT_THAT(opened, IsOk());
  EXPECT_THAT(opened->json, Eq(""));
}

TEST_F(EnvelopeTest, RejectsRepliesSealedWithAnotherKey) {
  const auto other = *AesGcm::New(std::string(32, 'x'));
  const auto& generate = First("generate_replies");
  EXPECT_THAT(
      OpenGenerateReply(*other, Bytes(generate["nonce_hex"]), generate["reply"].GetString()),
      StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(OpenRefreshReply(std::string(32, 'x'), First("refresh_replies")["reply"].GetString()),
              StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(EnvelopeTest, RejectsEveryFlippedBitOfAReply) {
  const std::string reply = vectors_["refresh_replies"].GetArray()[2]["reply"].GetString();
  const std::string sealed = *DecodeBase64(reply);
  for (size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    std::string changed = sealed;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_THAT(OpenRefreshReply(response_key_, EncodeBase64(changed)),
                StatusIs(absl::StatusCode::kDataLoss));
  }
}

TEST_F(EnvelopeTest, RejectsEveryTruncationOfAReply) {
  const std::string generate = First("generate_replies")["reply"].GetString();
  const std::string nonce = Bytes(First("generate_replies")["nonce_hex"]);
  const std::string refresh = First("refresh_replies")["reply"].GetString();
  for (size_t size = 0; size < generate.size(); ++size) {
    EXPECT_FALSE(OpenGenerateReply(*secret_, nonce, generate.substr(0, size)).ok()) << size;
  }
  for (size_t size = 0; size < refresh.size(); ++size) {
    EXPECT_FALSE(OpenRefreshReply(response_key_, refresh.substr(0, size)).ok()) << size;
  }
}

TEST_F(EnvelopeTest, RejectsTextThatIsNotStrictBase64) {
  const std::string reply = First("refresh_replies")["reply"].GetString();
  for (const std::string& text : {reply + "\n", " " + reply, reply + "=", reply.substr(4) + "@@@@",
                                  std::string("{\"status\":\"success\"}"),
                                  std::string("<html></html>"), std::string(1, '\0') + reply}) {
    EXPECT_THAT(OpenRefreshReply(response_key_, text),
                StatusIs(absl::StatusCode::kInvalidArgument));
    EXPECT_THAT(OpenGenerateReply(*secret_, "12345678", text),
                StatusIs(absl::StatusCode::kInvalidArgument));
  }
}

TEST_F(EnvelopeTest, RejectsResponseKeysOfEveryWrongSize) {
  const std::string reply = First("refresh_replies")["reply"].GetString();
  for (size_t size = 0; size <= 64; ++size) {
    if (size == AesGcm::kKeySize) continue;
    EXPECT_THAT(OpenRefreshReply(std::string(size, 'k'), reply),
                StatusIs(absl::StatusCode::kInvalidArgument));
  }
}

TEST(EnvelopeNoncesTest, AreDifferentEachTime) {
  std::set<std::string> ivs;
  std::set<std::string> nonces;
  for (int i = 0; i < 1000; ++i) {
    const absl::StatusOr<EnvelopeNonces> drawn = EnvelopeNonces::Generate();
    ASSERT_THAT(drawn, IsOk());
    EXPECT_THAT(drawn->iv, SizeIs(AesGcm::kIvSize));
    EXPECT_THAT(drawn->nonce, SizeIs(EnvelopeNonces::kNonceSize));
    ivs.insert(drawn->iv);
    nonces.insert(drawn->nonce);
  }
  EXPECT_THAT(ivs, SizeIs(1000));
  EXPECT_THAT(nonces, SizeIs(1000));
}

}  // namespace
}  // namespace uid2
