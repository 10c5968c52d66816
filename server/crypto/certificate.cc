// SPDX-License-Identifier: Apache-2.0

#include "server/crypto/certificate.h"

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <climits>
#include <ctime>
#include <memory>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace uid2 {
namespace {

constexpr absl::Duration kMaxNearEnd = absl::Hours(30 * 24);

struct Free {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(GENERAL_NAMES* names) const { GENERAL_NAMES_free(names); }
};

absl::Time ToTime(const ASN1_TIME* time) {
  std::tm parts = {};
  // Treats an unreadable time as long past, so that it gets attention.
  if (ASN1_TIME_to_tm(time, &parts) != 1) return absl::InfinitePast();
  return absl::FromTM(parts, absl::UTCTimeZone());
}

std::string Bytes(const ASN1_STRING* text) {
  return std::string(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                     static_cast<size_t>(ASN1_STRING_length(text)));
}

std::string AddressText(const std::string& bytes) {
  char text[INET6_ADDRSTRLEN] = "?";
  const int family = bytes.size() == 4 ? AF_INET : AF_INET6;
  if (bytes.size() == 4 || bytes.size() == 16) {
    (void)inet_ntop(family, bytes.data(), text, sizeof(text));
  }
  return text;
}

void ReadNames(const X509& certificate, CertificateSummary& summary) {
  const std::unique_ptr<GENERAL_NAMES, Free> names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; names != nullptr && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* const name = sk_GENERAL_NAME_value(names.get(), i);
    switch (name->type) {
      case GEN_DNS:
        summary.dns_names.push_back(absl::CHexEscape(Bytes(name->d.dNSName)));
        break;
      case GEN_IPADD:
        summary.ip_addresses.push_back(AddressText(Bytes(name->d.iPAddress)));
        break;
      case GEN_URI:
        summary.uris.push_back(absl::CHexEscape(Bytes(name->d.uniformResourceIdentifier)));
        break;
      default:
        break;
    }
  }
}

std::vector<CertificateSummary> ReadAll(BIO& bio) {
  std::vector<CertificateSummary> result;
  while (const auto certificate =
             std::unique_ptr<X509, Free>(PEM_read_bio_X509(&bio, nullptr, nullptr, nullptr))) {
    result.push_back(Summarize(*certificate));
  }
  // OpenSSL reports the end of the text as an error, too.
  ERR_clear_error();
  return result;
}

}  // namespace

std::string NameText(const X509_NAME& name) {
  const std::unique_ptr<BIO, Free> bio(BIO_new(BIO_s_mem()));
  if (bio == nullptr || X509_NAME_print_ex(bio.get(), &name, 0, XN_FLAG_RFC2253) < 0) return "?";
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return absl::CHexEscape(absl::string_view(data, static_cast<size_t>(size)));
}

CertificateSummary Summarize(const X509& certificate) {
  CertificateSummary summary;
  summary.subject = NameText(*X509_get_subject_name(&certificate));
  summary.issuer = NameText(*X509_get_issuer_name(&certificate));
  ReadNames(certificate, summary);
  summary.begins = ToTime(X509_get0_notBefore(&certificate));
  summary.ends = ToTime(X509_get0_notAfter(&certificate));
  return summary;
}

absl::StatusOr<std::vector<CertificateSummary>> ParseCertificates(absl::string_view pem) {
  const std::unique_ptr<BIO, Free> bio(
      // A view of nothing may have no data, which OpenSSL refuses.
      BIO_new_mem_buf(pem.empty() ? "" : pem.data(),
                      static_cast<int>(std::min<size_t>(pem.size(), INT_MAX))));
  if (bio == nullptr) return absl::ResourceExhaustedError("out of memory");
  std::vector<CertificateSummary> result = ReadAll(*bio);
  if (result.empty()) return absl::InvalidArgumentError("contains no certificate");
  return result;
}

absl::StatusOr<std::vector<CertificateSummary>> ReadCertificates(const std::string& path) {
  const std::unique_ptr<BIO, Free> bio(BIO_new_file(path.c_str(), "r"));
  if (bio == nullptr) {
    ERR_clear_error();
    return absl::InvalidArgumentError(absl::StrCat("cannot read ", path));
  }
  std::vector<CertificateSummary> result = ReadAll(*bio);
  if (result.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(path, " contains no certificate"));
  }
  return result;
}

bool IsNearItsEnd(const CertificateSummary& certificate, absl::Time now) {
  const absl::Duration third = (certificate.ends - certificate.begins) / 3;
  return certificate.ends - now < std::min(third, kMaxNearEnd);
}

std::string HostsText(const CertificateSummary& certificate) {
  std::vector<std::string> hosts = certificate.dns_names;
  hosts.insert(hosts.end(), certificate.ip_addresses.begin(), certificate.ip_addresses.end());
  return hosts.empty() ? "no name" : absl::StrJoin(hosts, ", ");
}

std::string DateText(absl::Time time) {
  return absl::FormatTime("%Y-%m-%d %H:%M UTC", time, absl::UTCTimeZone());
}

}  // namespace uid2
