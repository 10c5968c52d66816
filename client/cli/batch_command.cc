// SPDX-License-Identifier: Apache-2.0

#include "client/cli/batch_command.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "absl/flags/flag.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "client/cli/batch.h"
#include "client/cli/batch_calls.h"
#include "client/cli/batch_results.h"
#include "client/cli/call_failure.h"
#include "client/cli/console.h"
#include "client/cli/flags.h"
#include "client/cli/line_reader.h"
#include "client/cli/progress_line.h"
#include "client/cli/standard_streams.h"
#include "server/event/file_descriptor.h"

namespace uid2::cli {
namespace {

absl::StatusOr<FileDescriptor> OpenInput(const std::string& path) {
  FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) {
    return absl::NotFoundError(absl::StrCat("cannot read ", path, ": ", std::strerror(errno)));
  }
  return file;
}

// 0 if the size is not known.
int64_t SizeOf(int descriptor) {
  struct stat file;
  return fstat(descriptor, &file) == 0 && S_ISREG(file.st_mode) ? file.st_size : 0;
}

absl::StatusOr<BatchResults> OpenResults() {
  const std::string path = absl::GetFlag(FLAGS_out);
  const bool resume = absl::GetFlag(FLAGS_resume);
  if (!path.empty()) return resume ? BatchResults::Resume(path) : BatchResults::Create(path);
  if (resume) return absl::InvalidArgumentError("--resume needs the file to continue: --out=...");
  return BatchResults::To(STDOUT_FILENO);
}

Batch::Options OptionsFromFlags() {
  Batch::Options options;
  options.request.set_participant(absl::GetFlag(FLAGS_participant));
  options.request.set_tcf_consent_string(absl::GetFlag(FLAGS_consent));
  options.kind = absl::GetFlag(FLAGS_kind);
  options.concurrency = absl::GetFlag(FLAGS_concurrency);
  return options;
}

// Reports how the batch has ended.
ExitCode Finish(const absl::Status& status, const Batch& batch, const BatchResults& results,
                const CallEnvironment& environment) {
  const Console& console = environment.console;
  const ExitCode code = batch.tally().exit_code();
  switch (status.code()) {
    case absl::StatusCode::kOk:
      break;
    case absl::StatusCode::kNotFound:
      return console.Fail(kExitNoInput, status);
    case absl::StatusCode::kDataLoss:
      return console.Fail(kExitCannotWrite, status);
    default:
      console.err << "too many calls in a row have failed, so the batch ends early:\n";
      return std::max(FailCall(status, environment), code);
  }
  if (results.last_done() <= batch.last_line()) return code;
  return console.Fail(kExitBadInput, absl::InvalidArgumentError(absl::StrCat(
                                         "the results from before have line ", results.last_done(),
                                         ", but the input ends at line ", batch.last_line(),
                                         ": they are not from this input")));
}

}  // namespace

ExitCode RunBatch(const CommandLine& line, const CallEnvironment& environment) {
  const Console& console = environment.console;
  FileDescriptor file;
  int input = STDIN_FILENO;
  if (!line.word.empty() && line.word != "-") {
    absl::StatusOr<FileDescriptor> opened = OpenInput(line.word);
    if (!opened.ok()) return console.FailSetup(opened.status());
    file = *std::move(opened);
    input = file.get();
  }
  absl::StatusOr<BatchResults> results = OpenResults();
  if (!results.ok()) return console.FailSetup(results.status());
  if (isatty(input) != 0) console.err << "one user per line, then Ctrl-D:\n";

  ProgressLine progress(IsTerminal(STDERR_FILENO), SizeOf(input), console.err, environment.clock);
  Batch::Options options = OptionsFromFlags();
  options.progress = [&progress](const Batch& batch) { progress.Show(batch); };
  client::CallOptions call_options = environment.options;
  // A report is for one call.
  call_options.report = nullptr;
  BatchCalls calls(environment.client, std::move(call_options));
  LineReader reader(input);
  Batch batch(std::move(options), input, reader, calls, *results, environment.clock);
  const absl::Status status = batch.Run();
  progress.Erase();
  const ExitCode code = Finish(status, batch, *results, environment);
  console.err << batch.tally().Summary(progress.elapsed());
  if (results->done_before() > 0) {
    console.err << results->done_before() << " others were done before\n";
  }
  if (code == kExitUnavailable) {
    console.err << "these failures may pass: do the rest later"
                << (absl::GetFlag(FLAGS_out).empty() ? "\n" : ", with --resume\n");
  }
  return code;
}

}  // namespace uid2::cli
