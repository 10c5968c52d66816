// SPDX-License-Identifier: Apache-2.0

#ifndef CLIENT_CLI_BATCH_RESULTS_H_
#define CLIENT_CLI_BATCH_RESULTS_H_

#include <cstdint>
#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/event/file_descriptor.h"

namespace uid2::cli {

// The results of a batch: one line of JSON each, with the number of the input's line. They contain
// identities, so a file is made readable for its owner only.
class BatchResults {
 public:
  // Writes to `descriptor`, which must outlive this.
  static BatchResults To(int descriptor) { return BatchResults(descriptor); }

  // Writes to a new file. Fails with kInvalidArgument if there is one with something in it, and
  // with kNotFound if it cannot be written.
  static absl::StatusOr<BatchResults> Create(const std::string& path);

  // Continues a file, if there is one: keeps the results with an outcome, and forgets errors and a
  // last line that is incomplete. Fails with kInvalidArgument, and leaves the file as it is, if
  // there is something else in it, and with kNotFound if it cannot be read or written. In either
  // case, also if another batch is writing to it.
  static absl::StatusOr<BatchResults> Resume(const std::string& path);

  // Whether the input's line `number` has a result from before.
  bool IsDone(int64_t number) const { return done_.contains(number); }
  int64_t done_before() const { return static_cast<int64_t>(done_.size()); }
  // The highest number of a line with a result from before.
  int64_t last_done() const { return last_done_; }

  // Writes the JSON object `result` for the input's line `number`, in one piece.
  absl::Status Write(int64_t number, absl::string_view result) const;

 private:
  explicit BatchResults(int descriptor) : descriptor_(descriptor) {}
  explicit BatchResults(FileDescriptor file) : file_(std::move(file)), descriptor_(file_.get()) {}

  // Copies what to keep from `old` to this.
  absl::Status Keep(const FileDescriptor& old, const std::string& path);

  FileDescriptor file_;
  int descriptor_ = -1;
  absl::flat_hash_set<int64_t> done_;
  int64_t last_done_ = 0;
};

}  // namespace uid2::cli

#endif  // CLIENT_CLI_BATCH_RESULTS_H_
