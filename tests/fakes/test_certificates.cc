// SPDX-License-Identifier: Apache-2.0

#include "tests/fakes/test_certificates.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "gtest/gtest.h"

namespace uid2::testing {
namespace {

void Require(bool done) {
  if (!done) std::abort();
}

std::string Pem(const std::function<int(BIO*)>& write) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new(BIO_s_mem()), &BIO_free);
  Require(bio != nullptr && write(bio.get()) == 1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return std::string(data, static_cast<size_t>(size));
}

void AddExtension(X509* certificate, X509* issuer, int id, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> extension(
      X509V3_EXT_conf_nid(nullptr, &context, id, value.c_str()), &X509_EXTENSION_free);
  Require(extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1);
}

TestCertificateRequest AsAuthority(TestCertificateRequest request) {
  if (request.basic_constraints.empty()) request.basic_constraints = "critical,CA:TRUE";
  return request;
}

}  // namespace

TestAuthority::TestAuthority(const std::string& name)
    : TestAuthority(TestCertificateRequest{.name = name}) {}

TestAuthority::TestAuthority(const TestCertificateRequest& request)
    : name_(request.name),
      key_(NewKey(request.key)),
      certificate_(Make(AsAuthority(request), *key_, nullptr)) {}

TestAuthority::TestAuthority(std::string name, Key key, Certificate certificate)
    : name_(std::move(name)), key_(std::move(key)), certificate_(std::move(certificate)) {}

std::string TestAuthority::certificate() const {
  return Pem([this](BIO* bio) { return PEM_write_bio_X509(bio, certificate_.get()); });
}

std::string TestAuthority::CertificateFile() const {
  const std::string path = ::testing::TempDir() + "/" + name_ + ".pem";
  Write(path);
  return path;
}

void TestAuthority::AddToFolder(const std::string& folder) const {
  std::filesystem::create_directories(folder);
  const unsigned long hash = X509_subject_name_hash(certificate_.get());  // NOLINT(runtime/int)
  Write(absl::StrCat(folder, "/", absl::Hex(hash, absl::kZeroPad8), ".0"));
}

void TestAuthority::Write(const std::string& path) const {
  // Renamed, so that a thread that reads the file meanwhile sees all of it.
  static std::atomic<int> written{0};
  const std::string unfinished = absl::StrCat(path, ".", ++written);
  std::ofstream file(unfinished, std::ios::trunc);
  file << certificate();
  Require(file.flush().good());
  std::filesystem::rename(unfinished, path);
}

TestCertificate TestAuthority::Issue(const std::string& alternative_name,
                                     absl::Duration valid_until) const {
  return Issue({.alternative_name = alternative_name,
                .valid_from = std::min(valid_until, absl::ZeroDuration()) - absl::Hours(1),
                .valid_until = valid_until});
}

TestCertificate TestAuthority::Issue(const TestCertificateRequest& request) const {
  const Key key = NewKey(request.key);
  const Certificate certificate = Make(request, *key, this);
  return {.certificate = Pem([&](BIO* bio) { return PEM_write_bio_X509(bio, certificate.get()); }),
          .key = Pem([&](BIO* bio) {
            return PEM_write_bio_PrivateKey(bio, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
          })};
}

TestAuthority TestAuthority::IssueAuthority(const TestCertificateRequest& request) const {
  Key key = NewKey(request.key);
  Certificate certificate = Make(AsAuthority(request), *key, this);
  return TestAuthority(request.name, std::move(key), std::move(certificate));
}

TestAuthority::Key TestAuthority::NewKey(const std::string& kind) {
  unsigned int bits = 0;
  absl::string_view size = kind;
  Key key;
  if (absl::ConsumePrefix(&size, "RSA-") && absl::SimpleAtoi(size, &bits)) {
    key.reset(EVP_RSA_gen(bits));
  } else if (kind == "X25519") {
    key.reset(EVP_PKEY_Q_keygen(nullptr, nullptr, "X25519"));
  } else {
    key.reset(EVP_EC_gen(kind.c_str()));
  }
  Require(key != nullptr);
  return key;
}

TestAuthority::Certificate TestAuthority::Make(const TestCertificateRequest& request, EVP_PKEY& key,
                                               const TestAuthority* issuer) {
  Certificate certificate(X509_new());
  Require(certificate != nullptr && X509_set_version(certificate.get(), X509_VERSION_3) == 1);
  // Certificates of one issuer must have different serial numbers.
  uint32_t serial = 0;
  Require(RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof(serial)) == 1);
  Require(ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate.get()), serial) == 1);
  const long from = static_cast<long>(absl::ToInt64Seconds(request.valid_from));
  const long until = static_cast<long>(absl::ToInt64Seconds(request.valid_until));
  Require(X509_gmtime_adj(X509_getm_notBefore(certificate.get()), from) != nullptr);
  Require(X509_gmtime_adj(X509_getm_notAfter(certificate.get()), until) != nullptr);
  X509_NAME* const subject = X509_get_subject_name(certificate.get());
  Require(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                                     reinterpret_cast<const unsigned char*>(request.name.c_str()),
                                     -1, -1, 0) == 1);
  Require(X509_set_pubkey(certificate.get(), &key) == 1);
  X509* const signer = issuer == nullptr ? certificate.get() : issuer->certificate_.get();
  const std::pair<int, const std::string&> extensions[] = {
      {NID_basic_constraints, request.basic_constraints},
      {NID_subject_alt_name, request.alternative_name},
      {NID_key_usage, request.key_usage},
      {NID_ext_key_usage, request.extended_key_usage}};
  for (const auto& [id, value] : extensions) {
    if (!value.empty()) AddExtension(certificate.get(), signer, id, value);
  }
  Require(X509_set_issuer_name(certificate.get(), X509_get_subject_name(signer)) == 1);
  EVP_PKEY* const signing_key = issuer == nullptr ? &key : issuer->key_.get();
  Require(X509_sign(certificate.get(), signing_key, request.digest) > 0);
  return certificate;
}

}  // namespace uid2::testing
