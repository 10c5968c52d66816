// SPDX-License-Identifier: Apache-2.0

#include "tests/bench/sample_identity.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "uid2/identity/v1/identity_service.pb.h"

namespace uid2::bench {
namespace {

constexpr int64_t kMinute = 60 * 1000;
constexpr int64_t kDay = 24 * 60 * kMinute;

// Returns `length` characters with no pattern that a compressor or parser could exploit.
std::string Filler(absl::string_view alphabet, size_t length) {
  std::string text;
  uint32_t state = 20231;
  while (text.size() < length) {
    state = state * 1664525 + 1013904223;
    text.push_back(alphabet[(state >> 16) % alphabet.size()]);
  }
  return text;
}

struct Fields {
  std::string advertising_token;
  // Without the number of the user.
  std::string refresh_token;
  std::string refresh_response_key;
};

const Fields& SampleFields() {
  static constexpr char kAlphabet[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  static const auto* const fields = new Fields{
      absl::StrCat("A4", Filler(absl::StrCat(kAlphabet, "-_"), 216)),
      Filler(absl::StrCat(kAlphabet, "+/"), 377),
      absl::Base64Escape(SampleRefreshResponseKey()),
  };
  return *fields;
}

std::string RefreshToken(uint64_t user) {
  return absl::StrCat("AA", absl::Dec(user, absl::kZeroPad9), SampleFields().refresh_token);
}

}  // namespace

absl::string_view SampleRefreshResponseKey() {
  static const auto* const key = new std::string(Filler("0123456789abcdef", 32));
  return *key;
}

std::string SampleIdentityJson(int64_t now_ms, uint64_t user) {
  const Fields& fields = SampleFields();
  return absl::StrCat(R"({"advertising_token":")", fields.advertising_token,
                      R"(","refresh_token":")", RefreshToken(user), R"(","identity_expires":)",
                      now_ms + 60 * kMinute, R"(,"refresh_expires":)", now_ms + kDay,
                      R"(,"refresh_from":)", now_ms + 15 * kMinute, R"(,"refresh_response_key":")",
                      fields.refresh_response_key, R"("})");
}

std::string SampleGenerateResponse(int64_t now_ms) {
  const Fields& fields = SampleFields();
  identity::v1::GenerateIdentityResponse response;
  response.set_outcome(identity::v1::GenerateIdentityResponse::ISSUED);
  identity::v1::Identity& identity = *response.mutable_identity();
  identity.set_advertising_token(fields.advertising_token);
  identity.set_refresh_token(RefreshToken(0));
  identity.set_refresh_response_key(fields.refresh_response_key);
  identity.set_identity_expires(now_ms + 60 * kMinute);
  identity.set_refresh_from(now_ms + 15 * kMinute);
  identity.set_refresh_expires(now_ms + kDay);
  identity.set_json(SampleIdentityJson(now_ms));
  return response.SerializeAsString();
}

absl::string_view SampleGeneratePayload() {
  return R"({"email_hash":"tMmiiTI7IaAcPpQPFQ65uMVCWH8av9jw4cwf/F5HVRQ="})";
}

}  // namespace uid2::bench
