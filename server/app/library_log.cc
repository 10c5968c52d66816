// SPDX-License-Identifier: Apache-2.0

#include "server/app/library_log.h"

#include <google/protobuf/stubs/logging.h>
#include <grpc/support/log.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace uid2 {
namespace {

// What gRPC logs before it aborts.
constexpr absl::string_view kFailedAssertion = "assertion failed: ";

constexpr absl::Duration kAbortFlushTimeout = absl::Seconds(1);

// Globals, because the libraries and the kernel accept only plain functions.
std::atomic<JsonLog*> target{nullptr};
std::atomic<LogWriter*> target_writer{nullptr};

void LogPlace(absl::string_view library, absl::string_view file, int line, Severity severity,
              absl::string_view text) {
  JsonLog* const log = target.load();
  if (log == nullptr) return;
  if (severity < Severity::kError && !log->AdmitLibraryError()) return;
  std::string message =
      absl::StrCat(library, " reports an error at ", file.substr(file.rfind('/') + 1), ":", line);
  if (!text.empty()) absl::StrAppend(&message, ": ", text);
  log->Event(severity, message);
}

void LogGrpc(gpr_log_func_args* entry) {
  if (entry->severity != GPR_LOG_SEVERITY_ERROR) return;
  const bool aborts = absl::StartsWith(entry->message, kFailedAssertion);
  LogPlace("gRPC", entry->file, entry->line, aborts ? Severity::kError : Severity::kWarning,
           aborts ? entry->message : "");
}

void LogProtobuf(google::protobuf::LogLevel level, const char* file, int line,
                 const std::string& message) {
  if (level < google::protobuf::LOGLEVEL_ERROR) return;
  // After a fatal error, libprotobuf aborts.
  const bool aborts = level == google::protobuf::LOGLEVEL_FATAL;
  LogPlace("protobuf", file, line, aborts ? Severity::kError : Severity::kWarning,
           aborts ? absl::string_view(message) : "");
}

// Only async-signal-safe calls.
void FlushBeforeTheEnd(int signal) {
  LogWriter* const writer = target_writer.load();
  if (writer != nullptr) (void)writer->Flush(kAbortFlushTimeout);
  // Once this handler has returned, the default action ends the process.
  (void)std::raise(signal);
}

}  // namespace

void SendLibraryErrorsTo(JsonLog& log) {
  target.store(&log);
  gpr_set_log_function(&LogGrpc);
  gpr_set_log_verbosity(GPR_LOG_SEVERITY_ERROR);
  google::protobuf::SetLogHandler(&LogProtobuf);
}

void FlushOnAbort(LogWriter& writer) {
  target_writer.store(&writer);
  struct sigaction action = {};
  action.sa_handler = &FlushBeforeTheEnd;
  // The default action applies from the second signal on.
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  // Fails only for a wrong signal number.
  if (sigaction(SIGABRT, &action, nullptr) != 0) std::abort();
}

}  // namespace uid2
