// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_EVENT_INBOX_H_
#define SERVER_EVENT_INBOX_H_

#include <atomic>
#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "server/event/file_descriptor.h"

namespace uid2 {

// Hands items from any thread to one reader, in the order in which they came. Pushing an item
// takes no lock, allocates nothing, and makes a system call only if the reader sleeps: waking a
// thread costs more than everything else.
class Inbox {
 public:
  // Embedded in what is handed over, which must live until the reader has taken it. In at most one
  // inbox at a time.
  struct Item {
    Item* next = nullptr;
  };

  static absl::StatusOr<std::shared_ptr<Inbox>> New();

  Inbox(const Inbox&) = delete;
  Inbox& operator=(const Inbox&) = delete;

  // Thread-safe. False: the inbox is closed and has not taken the item.
  [[nodiscard]] bool Push(Item& item);

  // Wakes the reader without giving it anything. No effect and no system call unless it sleeps.
  // Thread-safe.
  void Wake();

  // The rest is for the reader's thread only.

  // All items so far, the oldest first, linked by `next`; null if there are none.
  Item* TakeAll();

  // From now on the first Push() or Wake() makes wake_fd() readable, until the next TakeAll().
  // False: there are items to take first.
  [[nodiscard]] bool PrepareToSleep();

  // Watch it edge-triggered: each wake-up is an edge, so it never needs to be read.
  int wake_fd() const { return wake_.get(); }

  // Refuses all further items. False, with no effect: there are items to take first.
  [[nodiscard]] bool Close();

 private:
  explicit Inbox(FileDescriptor wake) : wake_(std::move(wake)) {}

  void WakeReader();

  const FileDescriptor wake_;

  // The newest item, each linked to the one before it. Or the address of one of the two marks:
  // there are no items, and the reader sleeps or has closed the inbox.
  std::atomic<Item*> newest_{nullptr};
  Item asleep_;
  Item closed_;
};

}  // namespace uid2

#endif  // SERVER_EVENT_INBOX_H_
