// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/caller_list.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace uid2 {
namespace {

constexpr size_t kMaxLoggedName = 256;

const std::string& NameOf(const CertificateSummary& certificate) {
  if (!certificate.uris.empty()) return certificate.uris.front();
  if (!certificate.dns_names.empty()) return certificate.dns_names.front();
  return certificate.subject;
}

// The smallest index under which one of `names` is listed, or `otherwise` if that is smaller.
size_t FirstOf(const std::vector<std::string>& names,
               const absl::flat_hash_map<std::string, size_t>& listed, size_t otherwise) {
  for (const std::string& name : names) {
    const auto found = listed.find(name);
    if (found != listed.end()) otherwise = std::min(otherwise, found->second);
  }
  return otherwise;
}

}  // namespace

CallerList::CallerList(std::vector<CallerEntry> entries, double anonymous_share)
    : authenticated_(!entries.empty()),
      anonymous_{
          .san = "", .participants = ParticipantAccess::ToAll(), .max_share = anonymous_share},
      entries_(std::move(entries)) {
  for (size_t i = 0; i < entries_.size(); ++i) {
    const std::string& san = entries_[i].san;
    if (san == CallerEntry::kAny) {
      any_ = any_.value_or(i);
    } else {
      (absl::StrContains(san, ':') ? uris_ : dns_names_).emplace(san, i);
    }
  }
}

Caller CallerList::Anonymous() const {
  Caller caller;
  caller.entry = &anonymous_;
  return caller;
}

std::vector<std::string> CallerList::names() const {
  if (!authenticated_) return {};
  std::vector<std::string> names = {""};
  for (const CallerEntry& entry : entries_) names.push_back(entry.san);
  return names;
}

void CallerList::Match(const CertificateSummary& certificate, Caller& caller) const {
  size_t index = any_.value_or(entries_.size());
  index = FirstOf(certificate.uris, uris_, index);
  index = FirstOf(certificate.dns_names, dns_names_, index);
  if (index == entries_.size()) return;
  caller.entry = &entries_[index];
  caller.number = index + 1;
}

Caller CallerList::Identify(const CertificateSummary& certificate) const {
  Caller caller;
  Match(certificate, caller);
  caller.begins = certificate.begins;
  caller.ends = certificate.ends;
  if (caller.entry != nullptr && caller.entry->san != CallerEntry::kAny) {
    caller.share = caller.entry->san;
    return caller;
  }
  const std::string& name = NameOf(certificate);
  // The prefix keeps it apart from the other entries' names.
  caller.share = absl::StrCat(CallerEntry::kAny, " ", name);
  caller.certificate_name = name.substr(0, kMaxLoggedName);
  return caller;
}

}  // namespace uid2
