// SPDX-License-Identifier: Apache-2.0

#include "server/http/tls/certificate_index.h"

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pemerr.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <ctime>
#include <memory>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/types/optional.h"

namespace uid2 {
namespace {

struct Free {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(X509_NAME* name) const { X509_NAME_free(name); }
  void operator()(ASN1_TIME* time) const { ASN1_TIME_free(time); }
  void operator()(void* memory) const { OPENSSL_free(memory); }
};

const unsigned char* Bytes(absl::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

struct Element {
  int tag;
  absl::string_view whole;
  absl::string_view content;
};

// Takes the first element off `der`. Not set if there is none, or if it does not fit in.
absl::optional<Element> TakeElement(absl::string_view& der) {
  const unsigned char* content = Bytes(der);
  long length = 0;
  int tag = 0;
  int tag_class = 0;
  const int result =
      ASN1_get_object(&content, &length, &tag, &tag_class, static_cast<long>(der.size()));
  // With bit 7, there was an error; with bit 0, the length is not known.
  if ((result & 0x81) != 0) return absl::nullopt;
  const auto header = static_cast<size_t>(content - Bytes(der));
  const size_t size = header + static_cast<size_t>(length);
  if (size > der.size()) return absl::nullopt;
  const Element element = {tag, der.substr(0, size), der.substr(header, size - header)};
  der.remove_prefix(size);
  return element;
}

// Drops `count` elements, and takes the next one.
absl::optional<Element> TakeElementAfter(int count, absl::string_view& der) {
  for (; count > 0; --count) {
    if (!TakeElement(der).has_value()) return absl::nullopt;
  }
  return TakeElement(der);
}

struct Outline {
  absl::string_view subject;
  absl::string_view end;
};

// RFC 5280, section 4.1: a certificate begins with what is signed, which is a version (optional), a
// serial number, an algorithm, the issuer, the validity (its begin and its end), the subject, ...
absl::optional<Outline> OutlineOf(absl::string_view der) {
  const absl::optional<Element> certificate = TakeElement(der);
  if (!certificate.has_value()) return absl::nullopt;
  absl::string_view rest = certificate->content;
  const absl::optional<Element> is_signed = TakeElement(rest);
  if (!is_signed.has_value()) return absl::nullopt;
  absl::string_view fields = is_signed->content;
  const absl::optional<Element> first = TakeElement(fields);
  const bool has_version = first.has_value() && first->tag != V_ASN1_INTEGER;
  const absl::optional<Element> validity = TakeElementAfter(has_version ? 3 : 2, fields);
  const absl::optional<Element> subject = TakeElement(fields);
  const absl::optional<Element> key = TakeElement(fields);
  // Once an element cannot be taken, no later one can.
  if (!key.has_value()) return absl::nullopt;
  absl::string_view times = validity->content;
  const absl::optional<Element> end = TakeElementAfter(1, times);
  if (!end.has_value()) return absl::nullopt;
  return Outline{subject->whole, end->whole};
}

// Not set if it is no time.
absl::optional<absl::Time> ParseTime(absl::string_view der) {
  const unsigned char* bytes = Bytes(der);
  const std::unique_ptr<ASN1_TIME, Free> time(
      d2i_ASN1_TIME(nullptr, &bytes, static_cast<long>(der.size())));
  std::tm parsed = {};
  if (time == nullptr || ASN1_TIME_to_tm(time.get(), &parsed) != 1) return absl::nullopt;
  return absl::FromTM(parsed, absl::UTCTimeZone());
}

absl::optional<unsigned long> HashOfName(const X509_NAME* name) {
  int ok = 0;
  const unsigned long hash = X509_NAME_hash_ex(name, nullptr, nullptr, &ok);
  if (ok != 1) return absl::nullopt;
  return hash;
}

absl::optional<unsigned long> HashOfName(absl::string_view der) {
  const unsigned char* bytes = Bytes(der);
  const std::unique_ptr<X509_NAME, Free> name(
      d2i_X509_NAME(nullptr, &bytes, static_cast<long>(der.size())));
  if (name == nullptr) return absl::nullopt;
  return HashOfName(name.get());
}

}  // namespace

absl::StatusOr<CertificateIndex> CertificateIndex::Parse(const std::string& pem) {
  const std::unique_ptr<BIO, Free> source(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  if (source == nullptr) return absl::ResourceExhaustedError("no memory for a BIO");
  CertificateIndex index;
  char* name = nullptr;
  char* header = nullptr;
  unsigned char* data = nullptr;
  long size = 0;
  while (PEM_read_bio(source.get(), &name, &header, &data, &size) == 1) {
    const std::unique_ptr<void, Free> free_name(name);
    const std::unique_ptr<void, Free> free_header(header);
    const std::unique_ptr<void, Free> free_data(data);
    const absl::string_view kind = name;
    const bool has_settings = kind == PEM_STRING_X509_TRUSTED;
    if (!has_settings && kind != PEM_STRING_X509 && kind != PEM_STRING_X509_OLD) continue;
    const absl::Status added =
        index.Add({reinterpret_cast<const char*>(data), static_cast<size_t>(size)}, has_settings);
    if (!added.ok()) return added;
  }
  const unsigned long error = ERR_peek_last_error();
  const char* const reason = ERR_reason_error_string(error);
  const bool at_end = ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
  // So that a later failure does not report old errors.
  ERR_clear_error();
  if (!at_end) return absl::InvalidArgumentError(reason == nullptr ? "it is damaged" : reason);
  if (index.entries_.empty()) {
    return absl::InvalidArgumentError("it contains no certificate in PEM");
  }
  return index;
}

absl::Status CertificateIndex::Add(absl::string_view der, bool has_settings) {
  const absl::optional<Outline> outline = OutlineOf(der);
  absl::optional<unsigned long> hash;
  absl::optional<absl::Time> end;
  if (outline.has_value()) {
    hash = HashOfName(outline->subject);
    end = ParseTime(outline->end);
  }
  ERR_clear_error();
  if (!hash.has_value() || !end.has_value()) {
    return absl::InvalidArgumentError(
        absl::StrCat("certificate ", entries_.size() + 1, " in it is malformed"));
  }
  first_end_ = std::min(first_end_, *end);
  entries_.push_back({*hash, has_settings, std::string(der)});
  return absl::OkStatus();
}

void CertificateIndex::AddTo(X509_STORE* store, const X509_NAME* subject) const {
  const absl::optional<unsigned long> hash = HashOfName(subject);
  if (!hash.has_value()) return;
  for (const Entry& entry : entries_) {
    if (entry.subject_hash == *hash) entry.AddTo(store);
  }
}

void CertificateIndex::AddRepeated(X509_STORE* store) const {
  absl::flat_hash_map<unsigned long, int> counts;
  for (const Entry& entry : entries_) ++counts[entry.subject_hash];
  for (const Entry& entry : entries_) {
    if (counts[entry.subject_hash] > 1) entry.AddTo(store);
  }
}

void CertificateIndex::Entry::AddTo(X509_STORE* store) const {
  const unsigned char* bytes = Bytes(der);
  const auto size = static_cast<long>(der.size());
  // What does not parse must leave no error behind for whoever verifies.
  ERR_set_mark();
  const std::unique_ptr<X509, Free> certificate(has_settings ? d2i_X509_AUX(nullptr, &bytes, size)
                                                             : d2i_X509(nullptr, &bytes, size));
  // One that the store already has is not an error.
  if (certificate != nullptr) (void)X509_STORE_add_cert(store, certificate.get());
  ERR_pop_to_mark();
}

}  // namespace uid2
