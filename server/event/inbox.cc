// SPDX-License-Identifier: Apache-2.0

#include "server/event/inbox.h"

#include <sys/eventfd.h>

#include <cerrno>
#include <cstdlib>

#include "absl/memory/memory.h"

namespace uid2 {

absl::StatusOr<std::shared_ptr<Inbox>> Inbox::New() {
  FileDescriptor wake(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wake.valid()) return absl::ErrnoToStatus(errno, "cannot make an eventfd");
  return std::shared_ptr<Inbox>(absl::WrapUnique(new Inbox(std::move(wake))));
}

bool Inbox::Push(Item& item) {
  Item* newest = newest_.load(std::memory_order_relaxed);
  do {
    if (newest == &closed_) return false;
    item.next = newest == &asleep_ ? nullptr : newest;
  } while (!newest_.compare_exchange_weak(newest, &item, std::memory_order_acq_rel,
                                          std::memory_order_relaxed));
  // `item` may have been destroyed by now.
  if (newest == &asleep_) WakeReader();
  return true;
}

void Inbox::Wake() {
  Item* asleep = &asleep_;
  if (newest_.compare_exchange_strong(asleep, nullptr, std::memory_order_acq_rel,
                                      std::memory_order_relaxed)) {
    WakeReader();
  }
}

Inbox::Item* Inbox::TakeAll() {
  Item* item = newest_.exchange(nullptr, std::memory_order_acq_rel);
  if (item == &asleep_) return nullptr;
  Item* oldest = nullptr;
  while (item != nullptr) {
    Item* const before = item->next;
    item->next = oldest;
    oldest = item;
    item = before;
  }
  return oldest;
}

bool Inbox::PrepareToSleep() {
  Item* none = nullptr;
  return newest_.compare_exchange_strong(none, &asleep_, std::memory_order_acq_rel);
}

bool Inbox::Close() {
  Item* newest = nullptr;
  return newest_.compare_exchange_strong(newest, &closed_, std::memory_order_acq_rel) ||
         newest == &closed_;
}

void Inbox::WakeReader() {
  // If the reader cannot be woken, all later calls would wait forever. Only a bug can make this
  // write fail.
  if (eventfd_write(wake_.get(), 1) != 0) std::abort();
}

}  // namespace uid2
