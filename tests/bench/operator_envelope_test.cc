// SPDX-License-Identifier: Apache-2.0

#include "tests/bench/operator_envelope.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/escaping.h"

namespace uid2::bench {
namespace {

std::string Key() {
  std::string key;
  EXPECT_TRUE(absl::Base64Unescape("ioG3wKxAokmp+rERx6A4kM/13qhyolUXIu14WN16Spo=", &key));
  return key;
}

TEST(OperatorEnvelope, RequestSealedByAnotherImplementationOpens) {
  OperatorEnvelope envelope(Key());
  const auto opened = envelope.OpenRequest(
      "Acw8ysqYieqzgA54fifdV1TB6V+da8p/AFc8Ju/IYrD77pL7JYMJj8YqD9EsrG3d2d2j0H7kZjH41YsNLpFVCH+oce28"
      "z9L9ug==");
  ASSERT_TRUE(opened.has_value());
  EXPECT_EQ(opened->time_ms, 1667885597644);
  EXPECT_EQ(opened->nonce,
            (OperatorEnvelope::Nonce{0x31, 0x2f, 0xe5, 0xaa, 0x08, 0xb2, 0xa0, 0x49}));
  EXPECT_EQ(std::string(opened->json), R"({"email":"test@example.com"})");
}

TEST(OperatorEnvelope, MessageSealedByOneSideIsOpenedByTheOther) {
  OperatorEnvelope client(Key());
  OperatorEnvelope server(Key());
  for (const std::string json : {"", "{}", "{\"a\":1}", "{\"ab\":12}"}) {
    OperatorEnvelope::Nonce nonce{};
    const auto request = server.OpenRequest(client.SealRequest(1900000000000, json, nonce));
    ASSERT_TRUE(request.has_value());
    EXPECT_EQ(request->time_ms, 1900000000000);
    EXPECT_EQ(request->nonce, nonce);
    EXPECT_EQ(std::string(request->json), json);

    const auto reply = client.OpenReply(server.SealReply(1900000000001, nonce, json));
    ASSERT_TRUE(reply.has_value());
    EXPECT_EQ(reply->time_ms, 1900000000001);
    EXPECT_EQ(reply->nonce, nonce);
    EXPECT_EQ(std::string(reply->json), json);
  }
}

TEST(OperatorEnvelope, NeitherIvNorNonceRepeats) {
  OperatorEnvelope envelope(Key());
  OperatorEnvelope::Nonce first_nonce{};
  OperatorEnvelope::Nonce second_nonce{};
  const std::string first(envelope.SealRequest(1, "{}", first_nonce));
  const std::string second(envelope.SealRequest(1, "{}", second_nonce));
  EXPECT_NE(first_nonce, second_nonce);
  EXPECT_NE(first.substr(0, 16), second.substr(0, 16));
  const std::string first_reply(envelope.SealReply(1, first_nonce, "{}"));
  EXPECT_NE(first_reply.substr(0, 16),
            std::string(envelope.SealReply(1, first_nonce, "{}")).substr(0, 16));
}

TEST(OperatorEnvelope, TextNotSealedWithTheKeyDoesNotOpen) {
  OperatorEnvelope envelope(Key());
  OperatorEnvelope::Nonce nonce{};
  const std::string sealed(OperatorEnvelope(std::string(32, 'x')).SealRequest(1, "{}", nonce));
  EXPECT_FALSE(envelope.OpenRequest(sealed).has_value());
  for (const std::string text : {"", "A", "AAAA", "not base64!!", "AQIDBA=="}) {
    EXPECT_FALSE(envelope.OpenRequest(text).has_value()) << text;
    EXPECT_FALSE(envelope.OpenReply(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace uid2::bench
