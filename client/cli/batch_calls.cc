// SPDX-License-Identifier: Apache-2.0

#include "client/cli/batch_calls.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "server/event/file_descriptor.h"

namespace uid2::cli {

struct BatchCalls::Mailbox {
  absl::Mutex mutex;
  std::vector<Completed> completed ABSL_GUARDED_BY(mutex);
  const FileDescriptor event = FileDescriptor(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
};

BatchCalls::BatchCalls(client::IdentityClient& client, client::CallOptions options)
    : client_(client), options_(std::move(options)), mailbox_(std::make_shared<Mailbox>()) {}

BatchCalls::~BatchCalls() {
  while (in_flight_ > 0) {
    pollfd entry = {descriptor(), POLLIN, 0};
    (void)poll(&entry, 1, -1);
    (void)Take();
  }
}

int BatchCalls::descriptor() const { return mailbox_->event.get(); }

void BatchCalls::Start(const Request& request, BatchItem item) {
  ++in_flight_;
  client_.GenerateIdentity(
      request, options_,
      [mailbox = mailbox_, item = std::move(item)](absl::StatusOr<Response> response) mutable {
        {
          const absl::MutexLock lock(&mailbox->mutex);
          mailbox->completed.push_back({std::move(item), std::move(response)});
        }
        // Fails only if the reader is 2^64 - 1 events behind.
        const uint64_t one = 1;
        const ssize_t written = write(mailbox->event.get(), &one, sizeof(one));
        (void)written;
      });
}

std::vector<BatchCalls::Completed> BatchCalls::Take() {
  // Fails if there is nothing to take.
  uint64_t count = 0;
  const ssize_t size = read(mailbox_->event.get(), &count, sizeof(count));
  (void)size;
  std::vector<Completed> completed;
  {
    const absl::MutexLock lock(&mailbox_->mutex);
    completed.swap(mailbox_->completed);
  }
  in_flight_ -= static_cast<int>(completed.size());
  return completed;
}

}  // namespace uid2::cli
