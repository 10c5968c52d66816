// SPDX-License-Identifier: Apache-2.0

#include "server/http/curl/curl_transfer_pool.h"

#include <chrono>
#include <utility>

#include "server/http/curl/curl_header_list.h"

namespace uid2 {

absl::StatusOr<std::unique_ptr<CurlTransfer>> CurlTransferPool::Take(
    const std::shared_ptr<const HttpTarget>& target, TimePoint now) {
  absl::StatusOr<Entry*> entry = EntryOf(target, now);
  if (!entry.ok()) return entry.status();
  std::vector<std::unique_ptr<CurlTransfer>>& idle = (*entry)->idle;
  if (idle.empty()) return CurlTransfer::New(setup_, *target, (*entry)->shared);
  // Takes the one that was used last, because its memory is most likely in the CPU's cache.
  std::unique_ptr<CurlTransfer> transfer = std::move(idle.back());
  idle.pop_back();
  --idle_;
  return transfer;
}

void CurlTransferPool::Return(std::unique_ptr<CurlTransfer> transfer, const HttpTarget& target) {
  if (idle_ >= static_cast<size_t>(setup_.options.max_idle_connections)) return;
  const auto found = entries_.find(&target);
  if (found == entries_.end()) return;
  found->second.idle.push_back(std::move(transfer));
  ++idle_;
}

absl::StatusOr<CurlTransferPool::Entry*> CurlTransferPool::EntryOf(
    const std::shared_ptr<const HttpTarget>& target, TimePoint now) {
  if (now >= next_drop_) {
    DropUnused();
    next_drop_ = now + std::chrono::seconds(10);
  }
  const auto found = entries_.find(target.get());
  if (found != entries_.end()) return &found->second;
  absl::StatusOr<CurlHeaderList> headers =
      CurlHeaderList::New(target->headers, target->secret_header.get());
  if (!headers.ok()) return headers.status();
  Entry& entry = entries_[target.get()];
  entry.target = target;
  entry.shared = std::make_shared<CurlTarget>(CurlTarget{*std::move(headers)});
  return &entry;
}

void CurlTransferPool::DropUnused() {
  absl::erase_if(entries_, [this](const auto& entry) {
    // A call in progress owns its target, so no transfer outside the pool still needs the entry.
    if (entry.second.target.use_count() > 1) return false;
    idle_ -= entry.second.idle.size();
    return true;
  });
}

}  // namespace uid2
