// SPDX-License-Identifier: Apache-2.0

#ifndef TESTS_FAKES_TEST_CERTIFICATES_H_
#define TESTS_FAKES_TEST_CERTIFICATES_H_

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <string>

#include "absl/time/time.h"

namespace uid2::testing {

// The certificate of a server or a client and its private key, in PEM.
struct TestCertificate {
  std::string certificate;
  std::string key;
};

// What a certificate says. As it stands, it is good for servers and clients. Extensions are in
// OpenSSL's form, and left out if empty.
struct TestCertificateRequest {
  // The common name.
  std::string name = "server";
  // "IP:127.0.0.1", "DNS:example.test,URI:urn:example", or "DER:" and the extension's value in
  // hexadecimal.
  std::string alternative_name = {};
  // From now.
  absl::Duration valid_from = -absl::Hours(1);
  absl::Duration valid_until = absl::Hours(1);
  // "P-256", "RSA-1024" or another number of bits, or "X25519".
  std::string key = "P-256";
  std::string basic_constraints = {};
  std::string key_usage = {};
  std::string extended_key_usage = {};
  const EVP_MD* digest = EVP_sha256();
};

// A certificate authority for one test. Aborts if OpenSSL fails.
class TestAuthority {
 public:
  explicit TestAuthority(const std::string& name);
  // A root that issues itself. Its basic constraints, unless given, say that it is an authority.
  explicit TestAuthority(const TestCertificateRequest& request);

  // Its own certificate, in PEM.
  std::string certificate() const;

  // The same, in a file in the test's directory.
  std::string CertificateFile() const;

  // Adds its certificate to `folder`, a directory of authorities as OpenSSL reads it.
  void AddToFolder(const std::string& folder) const;

  // The certificate is valid from an hour before now, or before `valid_until` if that is earlier.
  TestCertificate Issue(const std::string& alternative_name,
                        absl::Duration valid_until = absl::Hours(1)) const;
  TestCertificate Issue(const TestCertificateRequest& request) const;

  // An intermediate authority.
  TestAuthority IssueAuthority(const TestCertificateRequest& request) const;

 private:
  struct Free {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
    void operator()(X509* certificate) const { X509_free(certificate); }
  };
  using Key = std::unique_ptr<EVP_PKEY, Free>;
  using Certificate = std::unique_ptr<X509, Free>;

  TestAuthority(std::string name, Key key, Certificate certificate);

  void Write(const std::string& path) const;

  static Key NewKey(const std::string& kind);
  // Signed by `issuer`, or by itself if that is null.
  static Certificate Make(const TestCertificateRequest& request, EVP_PKEY& key,
                          const TestAuthority* issuer);

  std::string name_;
  Key key_;
  Certificate certificate_;
};

}  // namespace uid2::testing

#endif  // TESTS_FAKES_TEST_CERTIFICATES_H_
