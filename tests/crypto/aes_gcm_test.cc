// SPDX-License-Identifier: Apache-2.0

#include "server/crypto/aes_gcm.h"

#include <thread>
#include <vector>

#include "absl/strings/escaping.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/matchers/status_matchers.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::Not;
using uid2::testing::IsOk;
using uid2::testing::StatusIs;

const std::string kKey(AesGcm::kKeySize, 'k');
const std::string kIv(AesGcm::kIvSize, 'i');

std::unique_ptr<AesGcm> Make(absl::string_view key) {
  absl::StatusOr<std::unique_ptr<AesGcm>> aead = AesGcm::New(key);
  EXPECT_THAT(aead, IsOk());
  return *std::move(aead);
}

std::string Seal(const AesGcm& aead, absl::string_view iv, absl::string_view plaintext) {
  std::string sealed;
  EXPECT_THAT(aead.SealWithUniqueIv(iv, plaintext, sealed), IsOk());
  return sealed;
}

// McGrew and Viega, "The Galois/Counter Mode of Operation", appendix B, test cases 13 to 15: the
// AES-256 cases without associated data.
struct KnownAnswer {
  const char* key;
  const char* iv;
  const char* plaintext;
  const char* ciphertext_and_tag;
};

constexpr KnownAnswer kKnownAnswers[] = {
    {"0000000000000000000000000000000000000000000000000000000000000000", "000000000000000000000000",
     "", "530f8afbc74536b9a963b4f1c4cb738b"},
    {"0000000000000000000000000000000000000000000000000000000000000000", "000000000000000000000000",
     "00000000000000000000000000000000",
     "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"},
    {"feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888",
     "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
     "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255",
     "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
     "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad"
     "b094dac5d93471bdec1a502270e3cc6c"},
};

TEST(AesGcmTest, SealsThePublishedVectorsToTheirBytes) {
  for (const KnownAnswer& known : kKnownAnswers) {
    const auto aead = Make(absl::HexStringToBytes(known.key));
    const std::string iv = absl::HexStringToBytes(known.iv);
    const std::string sealed = Seal(*aead, iv, absl::HexStringToBytes(known.plaintext));
    EXPECT_THAT(absl::BytesToHexString(sealed),
                Eq(std::string(known.iv) + known.ciphertext_and_tag));
    EXPECT_THAT(*aead->Open(sealed), Eq(absl::HexStringToBytes(known.plaintext)));
  }
}

TEST(AesGcmTest, OpensWhatItSealedAtEveryLength) {
  const auto aead = Make(kKey);
  std::string plaintext;
  for (size_t length = 0; length < 300; ++length) {
    const std::string sealed = Seal(*aead, kIv, plaintext);
    EXPECT_THAT(sealed.size(), Eq(plaintext.size() + AesGcm::kOverhead));
    const absl::StatusOr<std::string> opened = aead->Open(sealed);
    ASSERT_THAT(opened, IsOk());
    EXPECT_THAT(*opened, Eq(plaintext));
    plaintext.push_back(static_cast<char>(length));
  }
}

TEST(AesGcmTest, SealAppendsToTheOutput) {
  const auto aead = Make(kKey);
  std::string out = "version";
  ASSERT_THAT(aead->SealWithUniqueIv(kIv, "text", out), IsOk());
  EXPECT_THAT(out.substr(0, 7), Eq("version"));
  EXPECT_THAT(*aead->Open(out.substr(7)), Eq("text"));
}

TEST(AesGcmTest, NullAndEmptyViewsAreEquivalent) {
  const auto aead = Make(kKey);
  EXPECT_THAT(Seal(*aead, kIv, absl::string_view()), Eq(Seal(*aead, kIv, "")));
  EXPECT_THAT(aead->Open(""), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(AesGcm::New(absl::string_view()), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(AesGcmTest, RejectsEveryFlippedBit) {
  const auto aead = Make(kKey);
  const std::string sealed = Seal(*aead, kIv, "{\"status\":\"success\"}");
  for (size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    std::string changed = sealed;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_THAT(aead->Open(changed), StatusIs(absl::StatusCode::kDataLoss)) << "bit " << bit;
  }
}

TEST(AesGcmTest, RejectsEveryTruncationAtEitherEnd) {
  const auto aead = Make(kKey);
  const std::string sealed = Seal(*aead, kIv, "{\"status\":\"success\"}");
  for (size_t cut = 1; cut <= sealed.size(); ++cut) {
    EXPECT_THAT(aead->Open(sealed.substr(cut)), StatusIs(absl::StatusCode::kDataLoss));
    EXPECT_THAT(aead->Open(sealed.substr(0, sealed.size() - cut)),
                StatusIs(absl::StatusCode::kDataLoss));
  }
}

TEST(AesGcmTest, RejectsBytesAddedAtEitherEnd) {
  const auto aead = Make(kKey);
  const std::string sealed = Seal(*aead, kIv, "text");
  EXPECT_THAT(aead->Open(sealed + '\0'), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(aead->Open('\0' + sealed), StatusIs(absl::StatusCode::kDataLoss));
}

TEST(AesGcmTest, RejectsAMessageSealedWithAnotherKeyAndRevealsNothingOfIt) {
  const std::string sealed = Seal(*Make(kKey), kIv, "plain text");
  const absl::StatusOr<std::string> opened = Make(std::string(32, 'x'))->Open(sealed);
  ASSERT_THAT(opened, StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(std::string(opened.status().message()), Not(HasSubstr("plain")));
}

TEST(AesGcmTest, KeepsWorkingAfterARejection) {
  const auto aead = Make(kKey);
  const std::string sealed = Seal(*aead, kIv, "text");
  EXPECT_THAT(aead->Open(sealed.substr(1)), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(*aead->Open(sealed), Eq("text"));
}

TEST(AesGcmTest, AcceptsOnly32ByteKeys) {
  for (size_t size = 0; size <= 64; ++size) {
    const absl::StatusOr<std::unique_ptr<AesGcm>> aead = AesGcm::New(std::string(size, 'k'));
    if (size == AesGcm::kKeySize) {
      EXPECT_THAT(aead, IsOk());
    } else {
      EXPECT_THAT(aead, StatusIs(absl::StatusCode::kInvalidArgument,
                                 HasSubstr("this one has " + std::to_string(size))));
    }
  }
}

TEST(AesGcmTest, AcceptsOnly12ByteIvs) {
  const auto aead = Make(kKey);
  for (size_t size = 0; size <= 32; ++size) {
    if (size == AesGcm::kIvSize) continue;
    std::string out;
    EXPECT_THAT(aead->SealWithUniqueIv(std::string(size, 'i'), "text", out),
                StatusIs(absl::StatusCode::kInvalidArgument));
    EXPECT_THAT(out, Eq(""));
  }
}

TEST(AesGcmTest, ManyThreadsCanShareOneInstance) {
  const auto aead = Make(kKey);
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&aead, t] {
      const std::string iv(AesGcm::kIvSize, static_cast<char>(t));
      for (int i = 0; i < 200; ++i) {
        const std::string plaintext(static_cast<size_t>(i), static_cast<char>('a' + t));
        EXPECT_THAT(*aead->Open(Seal(*aead, iv, plaintext)), Eq(plaintext));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace uid2
