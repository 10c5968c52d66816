// SPDX-License-Identifier: Apache-2.0

#include "server/http/resolver/host_addresses.h"

#include <algorithm>
#include <utility>

#include "absl/hash/hash.h"
#include "absl/strings/str_cat.h"

namespace uid2 {
namespace {

constexpr double kFailuresInARow = 3;
// An address that has replied within this time is not failing because of one failure.
constexpr auto kFresh = std::chrono::seconds(1);

constexpr std::chrono::nanoseconds kFirstFailing = std::chrono::seconds(1);
constexpr std::chrono::nanoseconds kLongestFailing = std::chrono::seconds(30);

// The maximum age of a connection.
constexpr auto kDeparture = std::chrono::minutes(5);

}  // namespace

HostAddresses::Id HostAddresses::IdOf(absl::string_view text) {
  return absl::Hash<absl::string_view>()(text) | 1;
}

void HostAddresses::Update(const std::vector<std::string>& texts, TimePoint now) {
  const auto is_found = [&](const Known& known) {
    return std::find(texts.begin(), texts.end(), known.address.text) != texts.end();
  };
  if (!known_.empty() && !is_found(known_.front()) && now >= known_.front().failing_until) {
    departing_ = known_.front();
    departed_by_ = now + kDeparture;
  }
  const size_t before = known_.size();
  known_.erase(std::remove_if(known_.begin(), known_.end(), std::not_fn(is_found)), known_.end());
  bool changed = known_.size() != before;
  for (const std::string& text : texts) {
    if (departing_.has_value() && departing_->address.text == text) departing_.reset();
    if (Find(text) != nullptr) continue;
    known_.push_back({.address = {text, IdOf(text)}});
    changed = true;
  }
  if (changed) ++version_;
}

const HostAddresses::Address& HostAddresses::Pick(TimePoint now, Id avoid) const {
  const Known* best = &known_.front();
  int best_rank = 4;
  for (const Known& known : known_) {
    const int rank = (now < known.failing_until ? 2 : 0) + (known.address.id == avoid ? 1 : 0);
    if (rank == 0) return known.address;
    if (rank >= best_rank) continue;
    best = &known;
    best_rank = rank;
  }
  return best->address;
}

const HostAddresses::Address* HostAddresses::departing(TimePoint now, Id avoid) const {
  if (!departing_.has_value() || now >= departed_by_) return nullptr;
  return departing_->address.id == avoid ? nullptr : &departing_->address;
}

bool HostAddresses::HasAlternative(TimePoint now, Id id) const {
  return std::any_of(known_.begin(), known_.end(), [&](const Known& known) {
    return known.address.id != id && now >= known.failing_until;
  });
}

void HostAddresses::OnSuccess(absl::string_view text, TimePoint now) {
  Known* const known = Find(text);
  if (known == nullptr) return;
  known->failures = 0;
  known->last_success = now;
  known->failing_until = TimePoint::min();
  known->failing_for = std::chrono::nanoseconds(0);
}

void HostAddresses::OnFailure(absl::string_view text, double weight, TimePoint now) {
  if (departing_.has_value() && departing_->address.text == text) return departing_.reset();
  Known* const known = Find(text);
  if (known == nullptr) return;
  known->failures += weight;
  // Requests that were in flight when it began to fail, or that had no other address.
  if (now < known->failing_until) return;
  const bool fresh = known->last_success.has_value() && now - *known->last_success < kFresh;
  if (known->failures < (fresh ? kFailuresInARow : 1)) return;
  known->failures = 0;
  known->failing_for = std::clamp(2 * known->failing_for, kFirstFailing, kLongestFailing);
  known->failing_until = now + known->failing_for;
  std::rotate(known_.begin() + (known - known_.data()),
              known_.begin() + (known - known_.data()) + 1, known_.end());
}

std::string HostAddresses::ListFrom(const Address& first) const {
  std::string list = first.text;
  for (const Known& known : known_) {
    if (known.address.id != first.id) absl::StrAppend(&list, ",", known.address.text);
  }
  return list;
}

HostAddresses::Known* HostAddresses::Find(absl::string_view text) {
  const auto found = std::find_if(known_.begin(), known_.end(),
                                  [&](const Known& known) { return known.address.text == text; });
  return found == known_.end() ? nullptr : &*found;
}

}  // namespace uid2
