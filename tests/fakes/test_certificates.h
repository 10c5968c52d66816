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

// A certificate authority for one test. Aborts if OpenSSL fails.
class TestAuthority {
 public:
  explicit TestAuthority(const std::string& name);

  // Its own certificate, in a PEM file in the test's directory.
  std::string CertificateFile() const;

  // Adds its certificate to `folder`, a directory of authorities as OpenSSL reads it.
  void AddToFolder(const std::string& folder) const;

  // `alternative_name` is in OpenSSL's form: "IP:127.0.0.1", "DNS:example.test,URI:urn:example", or
  // "DER:" and the extension's value in hexadecimal; empty for none. The common name is "server".
  // `valid_until` counts from now. The certificate is valid from an hour before now, or before
  // `valid_until` if that is earlier.
  TestCertificate Issue(const std::string& alternative_name,
                        absl::Duration valid_until = absl::Hours(1)) const;

 private:
  struct Free {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
    void operator()(X509* certificate) const { X509_free(certificate); }
  };
  using Key = std::unique_ptr<EVP_PKEY, Free>;
  using Certificate = std::unique_ptr<X509, Free>;

  void Write(const std::string& path) const;

  static Certificate Make(const std::string& name, EVP_PKEY* key, absl::Duration valid_until);

  const std::string name_;
  const Key key_;
  Certificate certificate_;
};

}  // namespace uid2::testing

#endif  // TESTS_FAKES_TEST_CERTIFICATES_H_
