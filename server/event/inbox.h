// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_EVENT_INBOX_H_
#define SERVER_EVENT_INBOX_H_

#include <atomic>
#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "server/event/file_descriptor.h"

namespace uid2 {

// Passes items from any thread to one reader, in the order in which they were pushed. Pushing an
// item takes no lock, allocates nothing, and makes a system call only if the reader sleeps, because
// waking a thread costs more than everything else.
class Inbox {
 public:
  // A base or member of what is passed, which must live until the reader has taken it. May be in at
  // most one inbox at a time.
  struct Item {
    Item* next = nullptr;
  };

  static absl::StatusOr<std::shared_ptr<Inbox>> New();

  Inbox(const Inbox&) = delete;
  Inbox& operator=(const Inbox&) = delete;

  // Thread-safe. Returns false, without taking the item, if the inbox is closed.
  [[nodiscard]] bool Push(Item& item);

  // Wakes the reader without an item. Has no effect, and makes no system call, unless it sleeps.
  // Thread-safe.
  void Wake();

  // The functions below must be called on the reader's thread.

  // Takes all items, the oldest first, linked by `next`; null if there are none.
  Item* TakeAll();

  // After this, the first Push() or Wake() makes wake_fd() readable, until the next TakeAll().
  // Returns false, without an effect, if there are items to take first.
  [[nodiscard]] bool PrepareToSleep();

  // Watch this edge-triggered. Each wake-up is an edge, so the descriptor need not be read.
  int wake_fd() const { return wake_.get(); }

  // Rejects all further items. Returns false, without an effect, if there are items to take first.
  // May be called again; then returns true.
  [[nodiscard]] bool Close();

 private:
  explicit Inbox(FileDescriptor wake) : wake_(std::move(wake)) {}

  void WakeReader();

  const FileDescriptor wake_;

  // The newest item; each item is linked to the one before it. Or, if there are no items, the
  // address of one of the two markers, if the reader sleeps or has closed the inbox.
  std::atomic<Item*> newest_{nullptr};
  Item asleep_;
  Item closed_;
};

}  // namespace uid2

#endif  // SERVER_EVENT_INBOX_H_
