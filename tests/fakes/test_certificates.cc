// SPDX-License-Identifier: Apache-2.0

#include "tests/fakes/test_certificates.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <functional>

#include "absl/strings/str_cat.h"
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

}  // namespace

TestAuthority::TestAuthority(const std::string& name)
    : name_(name), key_(EVP_EC_gen("P-256")), certificate_(Make(name, key_.get(), absl::Hours(1))) {
  Require(key_ != nullptr);
  AddExtension(certificate_.get(), certificate_.get(), NID_basic_constraints, "critical,CA:TRUE");
  Require(X509_set_issuer_name(certificate_.get(), X509_get_subject_name(certificate_.get())) == 1);
  Require(X509_sign(certificate_.get(), key_.get(), EVP_sha256()) > 0);
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
  std::ofstream file(path, std::ios::trunc);
  file << Pem([this](BIO* bio) { return PEM_write_bio_X509(bio, certificate_.get()); });
  Require(file.flush().good());
}

TestCertificate TestAuthority::Issue(const std::string& alternative_name,
                                     absl::Duration valid_until) const {
  const Key key(EVP_EC_gen("P-256"));
  Require(key != nullptr);
  const Certificate certificate = Make("server", key.get(), valid_until);
  if (!alternative_name.empty()) {
    AddExtension(certificate.get(), certificate_.get(), NID_subject_alt_name, alternative_name);
  }
  Require(X509_set_issuer_name(certificate.get(), X509_get_subject_name(certificate_.get())) == 1);
  Require(X509_sign(certificate.get(), key_.get(), EVP_sha256()) > 0);
  return {.certificate = Pem([&](BIO* bio) { return PEM_write_bio_X509(bio, certificate.get()); }),
          .key = Pem([&](BIO* bio) {
            return PEM_write_bio_PrivateKey(bio, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
          })};
}

TestAuthority::Certificate TestAuthority::Make(const std::string& name, EVP_PKEY* key,
                                               absl::Duration valid_until) {
  Certificate certificate(X509_new());
  Require(certificate != nullptr && X509_set_version(certificate.get(), X509_VERSION_3) == 1);
  // Certificates of one issuer must have different serial numbers.
  uint32_t serial = 0;
  Require(RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof(serial)) == 1);
  Require(ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate.get()), serial) == 1);
  const int64_t until = absl::ToInt64Seconds(valid_until);
  const long from = static_cast<long>(std::min<int64_t>(until, 0) - 3600);
  Require(X509_gmtime_adj(X509_getm_notBefore(certificate.get()), from) != nullptr);
  Require(X509_gmtime_adj(X509_getm_notAfter(certificate.get()), static_cast<long>(until)) !=
          nullptr);
  X509_NAME* const subject = X509_get_subject_name(certificate.get());
  Require(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                                     reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1,
                                     0) == 1);
  Require(X509_set_pubkey(certificate.get(), key) == 1);
  return certificate;
}

}  // namespace uid2::testing
