#ifndef SERVER_EVENT_INBOX_H_
#define SERVER_EVENT_INBOX_H_

#include <atomic>
#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "server/event/file_descriptor.h"

namespace uid2 {

// Hands items from any thread to one reader, in the order in which they came. Putting one in
// takes no lock and allocates nothing, and is a system call only where the reader sleeps: waking
// a thread costs more than all the rest (design, "What measuring structures has shown").
class Inbox {
 public:
  // Embedded in what is handed over, which must live until the reader has taken it. In one inbox
  // at a time.
  struct Item {
    Item* next = nullptr;
  };

  static absl::StatusOr<std::shared_ptr<Inbox>> New();

  Inbox(const Inbox&) = delete;
  Inbox& operator=(const Inbox&) = delete;

  // Thread-safe. False: the inbox is closed and has not taken the item.
  [[nodiscard]] bool Push(Item& item);

  // Wakes the reader without giving it anything; without effect where it does not sleep, and then
  // no system call. Thread-safe.
  void Wake();

  // The rest is for the reader's thread only.

  // All items so far, the oldest first, linked by `next`; null where there are none.
  Item* TakeAll();

  // From here on a push or Wake() makes wake_fd() readable, once, until the next TakeAll(). False:
  // there are items to be taken first.
  [[nodiscard]] bool PrepareToSleep();

  // Watch it edge-triggered: each wake-up is an edge, and it never needs to be read.
  int wake_fd() const { return wake_.get(); }

  // Refuses all further items. False, without effect: there are items to be taken first.
  [[nodiscard]] bool Close();

 private:
  explicit Inbox(FileDescriptor wake) : wake_(std::move(wake)) {}

  void WakeReader();

  const FileDescriptor wake_;

  // The newest item, each linked to the one before it; or one of the two marks, which say that
  // there are none and that the reader sleeps or has gone.
  std::atomic<Item*> newest_{nullptr};
  Item asleep_;
  Item closed_;
};

}  // namespace uid2

#endif  // SERVER_EVENT_INBOX_H_
