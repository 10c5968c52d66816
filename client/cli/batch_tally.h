// SPDX-License-Identifier: Apache-2.0

#ifndef CLIENT_CLI_BATCH_TALLY_H_
#define CLIENT_CLI_BATCH_TALLY_H_

#include <cstdint>
#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "client/cli/exit_code.h"

namespace uid2::cli {

// Counts what became of the users of a batch.
class BatchTally {
 public:
  void AddOutcome(const std::string& name) { ++outcomes_[name]; }
  void AddFailure(const absl::Status& status);

  int64_t total() const;
  int64_t failed() const;

  // kExitOk if every user has an outcome, and otherwise the highest exit code of a failure, because
  // the higher ones are the less likely to end by themselves.
  ExitCode exit_code() const { return exit_code_; }

  // One line: "5 users in 1.2s: 3 ISSUED, 1 OPTED_OUT, 1 failed (EMAIL_INVALID 1)".
  std::string Summary(absl::Duration took) const;

 private:
  std::map<std::string, int64_t> outcomes_;
  // By reason, or by code if there is no reason.
  std::map<std::string, int64_t> failures_;
  ExitCode exit_code_ = kExitOk;
};

}  // namespace uid2::cli

#endif  // CLIENT_CLI_BATCH_TALLY_H_
