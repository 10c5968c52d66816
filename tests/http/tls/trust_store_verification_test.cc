// SPDX-License-Identifier: Apache-2.0

// What a trust store verifies, seen through OpenSSL as a TLS handshake uses it.

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/http/tls/trust_store.h"
#include "tests/fakes/test_certificates.h"

namespace uid2 {
namespace {

using ::testing::AnyOf;
using ::testing::Eq;
using ::testing::IsEmpty;
using ::testing::Not;
using uid2::testing::TestAuthority;
using uid2::testing::TestCertificate;

struct Free {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(X509_STORE_CTX* context) const { X509_STORE_CTX_free(context); }
};
using Certificate = std::unique_ptr<X509, Free>;

std::shared_ptr<const TrustStore> StoreOf(const std::string& pem) {
  const std::string path = ::testing::TempDir() + "/authorities.pem";
  std::ofstream(path, std::ios::trunc) << pem;
  auto store = TrustStore::Load(path);
  EXPECT_TRUE(store.ok()) << store.status();
  return store.ok() ? *std::move(store) : nullptr;
}

std::vector<Certificate> Parse(const std::string& pem) {
  const std::unique_ptr<BIO, Free> source(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  std::vector<Certificate> certificates;
  while (X509* const next = PEM_read_bio_X509_AUX(source.get(), nullptr, nullptr, nullptr)) {
    certificates.emplace_back(next);
  }
  return certificates;
}

// Returns an X509_V_ code.
int Verify(SSL_CTX* context, X509* certificate) {
  const std::unique_ptr<X509_STORE_CTX, Free> verification(X509_STORE_CTX_new());
  EXPECT_THAT(X509_STORE_CTX_init(verification.get(), SSL_CTX_get_cert_store(context), certificate,
                                  nullptr),
              Eq(1));
  (void)X509_verify_cert(verification.get());
  return X509_STORE_CTX_get_error(verification.get());
}

// Verifies against a store that nobody but the context keeps alive.
int Verify(std::shared_ptr<const TrustStore> store, X509* certificate) {
  const std::unique_ptr<SSL_CTX, Free> context(SSL_CTX_new(TLS_client_method()));
  store->UseIn(context.get());
  store.reset();
  return Verify(context.get(), certificate);
}

// Verifies against a store of OpenSSL's that has all authorities from the beginning.
int VerifyWithOpenssl(const std::string& authorities, X509* certificate) {
  const std::unique_ptr<SSL_CTX, Free> context(SSL_CTX_new(TLS_client_method()));
  X509_STORE* const store = SSL_CTX_get_cert_store(context.get());
  EXPECT_THAT(X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN), Eq(1));
  for (const Certificate& authority : Parse(authorities)) {
    EXPECT_THAT(X509_STORE_add_cert(store, authority.get()), Eq(1));
  }
  return Verify(context.get(), certificate);
}

int VerifyOne(const std::string& authorities, const std::string& certificate) {
  const std::vector<Certificate> parsed = Parse(certificate);
  const int result = Verify(StoreOf(authorities), parsed.front().get());
  EXPECT_THAT(result, Eq(VerifyWithOpenssl(authorities, parsed.front().get())));
  return result;
}

TEST(TrustStoreVerificationTest, AcceptsWhatAnAuthorityOfTheFileHasIssuedAndNothingElse) {
  const TestAuthority first("one");
  const TestAuthority second("two");
  const TestAuthority stranger("three");
  const std::string both = absl::StrCat(first.certificate(), "a comment\n", second.certificate());
  for (const TestAuthority* authority : {&first, &second}) {
    EXPECT_THAT(VerifyOne(both, authority->Issue("DNS:a.test").certificate), Eq(X509_V_OK));
  }
  EXPECT_THAT(VerifyOne(both, stranger.Issue("DNS:a.test").certificate),
              Eq(X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY));
}

TEST(TrustStoreVerificationTest, HasAllAuthoritiesOfOneNameAsWhenAKeyIsReplaced) {
  const TestAuthority earlier("one");
  const TestAuthority later("one");
  const std::string both = earlier.certificate() + later.certificate();
  // Without key identifiers, OpenSSL tries only the first one. Both are there, all the same.
  for (const TestAuthority* authority : {&earlier, &later}) {
    EXPECT_THAT(VerifyOne(both, authority->certificate()), Eq(X509_V_OK));
  }
  EXPECT_THAT(VerifyOne(both, earlier.Issue("DNS:a.test").certificate), Eq(X509_V_OK));
  EXPECT_THAT(VerifyOne(both, TestAuthority("one").Issue("DNS:a.test").certificate),
              Eq(X509_V_ERR_CERT_SIGNATURE_FAILURE));
}

TEST(TrustStoreVerificationTest, HasAllAuthoritiesOfOneNameForThreadsThatAskAtOnce) {
  const TestAuthority earlier("one");
  const TestAuthority later("one");
  const std::vector<Certificate> last = Parse(later.certificate());
  for (int round = 0; round < 20; ++round) {
    const auto store = StoreOf(earlier.certificate() + later.certificate());
    // They start one after another, so that some ask while another one's question is answered.
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&] { EXPECT_THAT(Verify(store, last.front().get()), Eq(X509_V_OK)); });
    }
    for (std::thread& thread : threads) thread.join();
  }
}

TEST(TrustStoreVerificationTest, TrustsAnIntermediateAuthorityWithoutItsRoot) {
  const TestAuthority root("root");
  const TestAuthority intermediate =
      root.IssueAuthority({.name = "intermediate", .basic_constraints = "critical,CA:TRUE"});
  EXPECT_THAT(VerifyOne(intermediate.certificate(), intermediate.Issue("DNS:a.test").certificate),
              Eq(X509_V_OK));
}

TEST(TrustStoreVerificationTest, TrustsACertificateThatIsInTheFileItself) {
  const TestCertificate leaf = TestAuthority("one").Issue("DNS:a.test");
  EXPECT_THAT(VerifyOne(leaf.certificate, leaf.certificate), Eq(X509_V_OK));
}

TEST(TrustStoreVerificationTest, ReadsTheOtherNamesOfPemBlocks) {
  const TestAuthority authority("one");
  const TestCertificate leaf = authority.Issue("DNS:a.test");
  for (const char* kind : {"X509 CERTIFICATE", "TRUSTED CERTIFICATE"}) {
    const std::string renamed =
        absl::StrReplaceAll(authority.certificate(), {{"CERTIFICATE", kind}});
    EXPECT_THAT(VerifyOne(renamed, leaf.certificate), Eq(X509_V_OK)) << kind;
  }
}

TEST(TrustStoreVerificationTest, VerifiesAgainAndAgainWithOneStore) {
  const TestAuthority authority("one");
  const auto store = StoreOf(authority.certificate());
  for (int i = 0; i < 3; ++i) {
    const std::vector<Certificate> leaf = Parse(authority.Issue("DNS:a.test").certificate);
    EXPECT_THAT(Verify(store, leaf.front().get()), Eq(X509_V_OK));
  }
}

TEST(TrustStoreVerificationTest, FindsEveryAuthorityOfTheSystem) {
  std::ifstream file(TrustStore::kSystemFile);
  const std::string pem(std::istreambuf_iterator<char>(file), {});
  const std::vector<Certificate> authorities = Parse(pem);
  ASSERT_THAT(authorities, Not(IsEmpty()));
  const auto store = TrustStore::Load("");
  ASSERT_TRUE(store.ok()) << store.status();
  for (const Certificate& authority : authorities) {
    const int result = Verify(*store, authority.get());
    // Some end before the distribution removes them.
    EXPECT_THAT(result, AnyOf(X509_V_OK, X509_V_ERR_CERT_HAS_EXPIRED));
  }
}

}  // namespace
}  // namespace uid2
