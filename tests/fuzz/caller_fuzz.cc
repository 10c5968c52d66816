// SPDX-License-Identifier: Apache-2.0

// Takes the input for a client's certificate, as DER and as PEM, and asks who the caller is.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/crypto/base64.h"
#include "server/crypto/certificate.h"
#include "server/rpc/caller.h"
#include "server/rpc/caller_cache.h"
#include "server/rpc/caller_list.h"
#include "server/status/reason.h"
#include "tests/fuzz/invariant.h"

namespace uid2 {
namespace {

using ::uid2::testing::Require;

// The names of the client in the corpus.
constexpr char kUri[] = "spiffe://example/web";
constexpr char kDnsName[] = "web.example";
// 2030-03-17, when the certificates of the corpus are valid.
constexpr int64_t kNow = 1900000000;
constexpr size_t kMaxLoggedName = 256;

bool Contains(const std::vector<std::string>& names, const char* name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool IsOneLine(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

void CheckAlways(const Caller& caller) {
  Require(IsOneLine(caller.certificate_name), "a name can be logged");
  Require(caller.certificate_name.size() <= kMaxLoggedName, "a name in the log is short");
  const absl::Time now = absl::FromUnixSeconds(kNow);
  const absl::Status status = CheckCaller(caller, now);
  const bool valid = caller.begins <= now && now <= caller.ends;
  Require(status.ok() == (caller.entry != nullptr && valid),
          "a caller on the list with a valid certificate may call, and nobody else");
  if (!status.ok()) {
    Require(ReasonOf(status) == identity::v1::CALLER_NOT_ALLOWED, "a refusal has its reason");
  }
}

void CheckListed(absl::string_view pem) {
  const CallerList list({{.san = kUri}, {.san = kDnsName}}, 1);
  const std::shared_ptr<const Caller> caller = CallerCache(list).Find(pem);
  CheckAlways(*caller);
  const absl::StatusOr<std::vector<CertificateSummary>> certificates = ParseCertificates(pem);
  if (!certificates.ok()) {
    Require(caller->entry == nullptr, "without a certificate nobody is on the list");
    return;
  }
  const CertificateSummary& own = certificates->front();
  if (Contains(own.uris, kUri)) {
    Require(caller->name() == kUri, "the first entry that matches decides");
  } else if (Contains(own.dns_names, kDnsName)) {
    Require(caller->name() == kDnsName, "a DNS name that is listed counts");
  } else {
    Require(caller->entry == nullptr, "no other certificate counts");
  }
}

void CheckAny(absl::string_view pem) {
  const CallerList list({{.san = kDnsName}, {.san = CallerEntry::kAny}}, 1);
  const std::shared_ptr<const Caller> caller = CallerCache(list).Find(pem);
  CheckAlways(*caller);
  Require((caller->entry != nullptr) == ParseCertificates(pem).ok(),
          "every certificate is of a caller on the list");
  if (caller->name() == CallerEntry::kAny) {
    Require(!caller->share.empty() && caller->share != kDnsName,
            "a caller that is not listed by name cannot use the share of one that is");
  }
}

void Check(absl::string_view pem) {
  CheckListed(pem);
  CheckAny(pem);
}

}  // namespace
}  // namespace uid2

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view input(reinterpret_cast<const char*>(data), size);
  uid2::Check(input);
  uid2::Check(absl::StrCat("-----BEGIN CERTIFICATE-----\n", uid2::EncodeBase64(input),
                           "\n-----END CERTIFICATE-----\n"));
  return 0;
}
