// SPDX-License-Identifier: Apache-2.0

#ifndef CLIENT_CLI_BATCH_H_
#define CLIENT_CLI_BATCH_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "client/cli/batch_calls.h"
#include "client/cli/batch_results.h"
#include "client/cli/batch_tally.h"
#include "client/cli/line_reader.h"
#include "server/call/clock.h"

namespace uid2::cli {

// Makes a call for each line of an input, several at a time, and writes a result for each, in the
// order of the input. For one thread.
//
// A call that fails for the moment is repeated up to twice, after the pause that the service asks
// for. If many calls in a row fail for another reason than their user, no further ones are started:
// they would fail too.
class Batch {
 public:
  struct Options {
    // What all requests have in common.
    BatchCalls::Request request;
    // What the lines are, as for SetDii().
    std::string kind;
    // How many calls may be in flight.
    int concurrency = 8;
    // Called often while the batch runs.
    std::function<void(const Batch&)> progress;
  };

  // All but `options` must outlive this. `input` is the descriptor that `reader` reads.
  Batch(Options options, int input, LineReader& reader, BatchCalls& calls, BatchResults& results,
        const Clock& clock);

  // Fails with kNotFound if the input cannot be read, with kDataLoss if a result cannot be written,
  // and with the last failure of a call if the batch was given up.
  absl::Status Run();

  const BatchTally& tally() const { return tally_; }
  int in_flight() const { return calls_.in_flight(); }
  int64_t bytes_read() const { return reader_.bytes(); }
  // The number of the last line that was read.
  int64_t last_line() const { return last_line_; }

 private:
  // Whether another call may start.
  bool CanStart() const;
  // Whether that may be for a new line.
  bool TakesLines() const;
  void StartWhatIsThere();
  void StartLine(NumberedLine line);
  void Call(BatchItem item);
  void Handle(const BatchCalls::Completed& completed);
  // Returns whether the call for `item`, which has failed with `status`, will be repeated.
  bool Repeat(BatchItem item, const absl::Status& status);
  void AddFailure(int64_t number, const absl::Status& status);
  absl::Status WriteWhatIsNext();
  absl::Status Wait();

  const Options options_;
  const int input_;
  LineReader& reader_;
  BatchCalls& calls_;
  BatchResults& results_;
  const Clock& clock_;
  BatchTally tally_;
  // To be repeated, once the pause is over.
  std::deque<BatchItem> again_;
  CallContext::TimePoint pause_ends_;
  // Results by the number of their line; "" until the result is known.
  std::map<int64_t, std::string> pending_;
  int failures_in_a_row_ = 0;
  absl::Status given_up_;
  int64_t last_line_ = 0;
};

}  // namespace uid2::cli

#endif  // CLIENT_CLI_BATCH_H_
