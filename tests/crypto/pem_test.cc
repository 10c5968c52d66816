// SPDX-License-Identifier: Apache-2.0

#include "server/crypto/pem.h"

#include <openssl/bio.h>
#include <openssl/pem.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fakes/test_certificates.h"
#include "tests/matchers/status_matchers.h"

namespace uid2 {
namespace {

using ::testing::AllOf;
using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
using uid2::testing::IsOk;
using uid2::testing::StatusIs;
using uid2::testing::TestAuthority;
using uid2::testing::TestCertificate;

constexpr char kDamaged[] = "it is damaged, or has not been written completely";

const TestCertificate& Pair() {
  static const auto& pair = *new TestCertificate(TestAuthority("a").Issue("DNS:example.test"));
  return pair;
}

// `key` under a passphrase, in PKCS #8 or in OpenSSL's older form.
std::string Encrypt(const std::string& key, bool pkcs8) {
  const auto parsed = ReadPemPrivateKey(key);
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new(BIO_s_mem()), &BIO_free);
  std::string passphrase = "passphrase";
  const int size = static_cast<int>(passphrase.size());
  if (pkcs8) {
    EXPECT_THAT(PEM_write_bio_PKCS8PrivateKey(bio.get(), parsed->get(), EVP_aes_128_cbc(),
                                              passphrase.data(), size, nullptr, nullptr),
                Eq(1));
  } else {
    EXPECT_THAT(PEM_write_bio_PrivateKey_traditional(
                    bio.get(), parsed->get(), EVP_aes_128_cbc(),
                    reinterpret_cast<unsigned char*>(passphrase.data()), size, nullptr, nullptr),
                Eq(1));
  }
  char* data = nullptr;
  const long written = BIO_get_mem_data(bio.get(), &data);
  return std::string(data, static_cast<size_t>(written));
}

TEST(PemTest, CertificatesAndKeysAreWrittenAsTheyWereRead) {
  const std::string two = Pair().certificate + TestAuthority("b").certificate();
  const auto certificates = ReadPemCertificates("text before\r\n" + two + "text after");
  ASSERT_THAT(certificates, IsOk());
  EXPECT_THAT(*certificates, SizeIs(2));
  const auto written = WritePem(*certificates);
  ASSERT_THAT(written, IsOk());
  EXPECT_THAT(*written, Eq(two));
  const auto key = ReadPemPrivateKey("text before\n" + Pair().key);
  ASSERT_THAT(key, IsOk());
  const auto written_key = WritePem(*key);
  ASSERT_THAT(written_key, IsOk());
  EXPECT_THAT(*written_key, Eq(Pair().key));
}

TEST(PemTest, LinesMayEndAsOnWindows) {
  const auto with_returns = [](const std::string& text) {
    return absl::StrReplaceAll(text, {{"\n", "\r\n"}});
  };
  EXPECT_THAT(ReadPemCertificates(with_returns(Pair().certificate)), IsOk());
  EXPECT_THAT(ReadPemPrivateKey(with_returns(Pair().key)), IsOk());
}

TEST(PemTest, WhatIsNotACertificateIsRefused) {
  const std::string good = Pair().certificate;
  const struct {
    std::string text;
    const char* reason;
  } kCases[] = {
      {"", "it contains no certificate in PEM"},
      {"not PEM", "it contains no certificate in PEM"},
      {Pair().key, "it contains a private key that is not a certificate"},
      {good + Pair().key, "it contains a private key that is not a certificate"},
      {good + "-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n",
       "it contains PEM that is not a certificate"},
      {good + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
       "it contains a damaged certificate"},
      {good + "-----BEGIN CERTIFICATE-----\nA*A\n-----END CERTIFICATE-----\n", kDamaged},
      {good + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTI", kDamaged},
  };
  for (const auto& test : kCases) {
    EXPECT_THAT(ReadPemCertificates(test.text),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(test.reason)));
  }
}

TEST(PemTest, EveryTruncationOfTheSecondCertificateIsNoticed) {
  const std::string first = Pair().certificate;
  const std::string second = TestAuthority("b").certificate();
  // With less than five characters, nothing shows that another certificate was to follow. Without
  // the end of its last line, it is whole.
  for (size_t size = 5; size + 1 < second.size(); ++size) {
    EXPECT_THAT(ReadPemCertificates(first + second.substr(0, size)),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << size;
  }
}

TEST(PemTest, AnEncryptedKeyIsRefusedWithWhatToDo) {
  for (const bool pkcs8 : {true, false}) {
    EXPECT_THAT(ReadPemPrivateKey(Encrypt(Pair().key, pkcs8)),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         AllOf(HasSubstr("is encrypted"), HasSubstr("openssl pkey"))));
  }
}

TEST(PemTest, WhatIsNotAPrivateKeyIsRefusedAndNotShown) {
  const std::string body = Pair().key.substr(40, 20);
  for (const std::string& text : {std::string(), std::string("not PEM"), Pair().certificate,
                                  Pair().key.substr(0, Pair().key.size() / 2),
                                  "-----BEGIN PRIVATE KEY-----\n" + body + "\n"}) {
    EXPECT_THAT(ReadPemPrivateKey(text),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         AllOf(HasSubstr("no private key in PEM"), Not(HasSubstr(body)))));
  }
}

// OpenSSL refuses a null pointer, which looks like a lack of memory.
TEST(PemTest, AViewOfNothingIsRefusedLikeAnEmptyText) {
  EXPECT_THAT(ReadPemCertificates(absl::string_view()),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("no certificate in PEM")));
  EXPECT_THAT(ReadPemPrivateKey(absl::string_view()),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("no private key in PEM")));
}

}  // namespace
}  // namespace uid2
