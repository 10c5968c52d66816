// SPDX-License-Identifier: Apache-2.0

#include "server/app/grpc_log.h"

#include <grpc/support/log.h>

#include <atomic>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace uid2 {
namespace {

// A global, because gRPC accepts only a plain function.
std::atomic<JsonLog*> target{nullptr};

void Forward(gpr_log_func_args* entry) {
  JsonLog* const log = target.load();
  if (log == nullptr || entry->severity != GPR_LOG_SEVERITY_ERROR) return;
  const absl::string_view file(entry->file);
  log->Event(Severity::kWarning, absl::StrCat("gRPC reports an error at ",
                                              file.substr(file.rfind('/') + 1), ":", entry->line));
}

}  // namespace

void SendGrpcErrorsTo(JsonLog& log) {
  target.store(&log);
  gpr_set_log_function(&Forward);
  gpr_set_log_verbosity(GPR_LOG_SEVERITY_ERROR);
}

}  // namespace uid2
