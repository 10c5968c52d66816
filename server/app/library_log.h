// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_APP_LIBRARY_LOG_H_
#define SERVER_APP_LIBRARY_LOG_H_

#include "server/telemetry/json_log.h"
#include "server/telemetry/log_writer.h"

namespace uid2 {

// Logs the errors of gRPC and of libprotobuf to `log`, which they would otherwise write to stderr
// from the thread that serves a call. Logs only the place in the library's source, because the text
// of some errors contains what a caller sent (gRPC 1.51, "Error parsing metadata"). A failed
// assertion is logged in full: its text is the library's source. Clients can provoke the others,
// so only a few of those per second are logged. `log` must outlive the process's use of the
// libraries. Call this once, before they are used.
void SendLibraryErrorsTo(JsonLog& log);

// From now on, if the process aborts, `writer` gets a second to write the lines that wait, so that
// the log has the reason. `writer` must live as long as the process.
void FlushOnAbort(LogWriter& writer);

}  // namespace uid2

#endif  // SERVER_APP_LIBRARY_LOG_H_
