// SPDX-License-Identifier: Apache-2.0

#include "server/crypto/sha256.h"

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/escaping.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/matchers/status_matchers.h"

namespace uid2 {
namespace {

using uid2::testing::IsOk;

std::string HexDigest(absl::string_view data) {
  const absl::StatusOr<Sha256Digest> digest = Sha256(data);
  EXPECT_THAT(digest, IsOk());
  if (!digest.ok()) return "";
  return absl::BytesToHexString(absl::string_view(digest->data(), digest->size()));
}

struct KnownAnswer {
  std::string data;
  const char* digest;
};

const KnownAnswer kKnownAnswers[] = {
    // NIST's example values for FIPS 180-4.
    {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    {std::string(1'000'000, 'a'),
     "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
    // Lengths around the end of a block, where the padding changes; computed by another
    // implementation.
    {std::string(55, 'a'), "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318"},
    {std::string(56, 'a'), "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a"},
    {std::string(63, 'a'), "7d3e74a05d7db15bce4ad9ec0658ea98e3f06eeecf16b4c6fff2da457ddc2f34"},
    {std::string(64, 'a'), "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb"},
    {std::string(65, 'a'), "635361c48bb9eab14198e76ea8ab7f1a41685d6ad62aa9146d301d4f17eb0ae0"},
    {std::string(119, 'a'), "31eba51c313a5c08226adf18d4a359cfdfd8d2e816b13f4af952f7ea6584dcfb"},
    {std::string(120, 'a'), "2f3d335432c70b580af0e8e1b3674a7c020d683aa5f73aaaedfdc55af904c21c"},
};

TEST(Sha256Test, ReturnsThePublishedDigests) {
  for (const KnownAnswer& known : kKnownAnswers) {
    SCOPED_TRACE(known.data.size());
    EXPECT_EQ(HexDigest(known.data), known.digest);
  }
}

TEST(Sha256Test, HashesANullView) {
  EXPECT_EQ(HexDigest(absl::string_view()), kKnownAnswers[0].digest);
}

TEST(Sha256Test, HashesAZeroByteLikeAnyOther) {
  EXPECT_EQ(HexDigest(absl::string_view("\0", 1)),
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
}

TEST(Sha256Test, ThreadsDoNotInterfere) {
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (size_t i = 0; i < 8; ++i) {
    threads.emplace_back([&wrong, &known = kKnownAnswers[i == 3 ? 0 : i]] {
      for (int n = 0; n < 2'000; ++n) {
        const absl::StatusOr<Sha256Digest> digest = Sha256(known.data);
        if (!digest.ok() || absl::BytesToHexString(absl::string_view(
                                digest->data(), digest->size())) != known.digest) {
          ++wrong;
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace uid2
