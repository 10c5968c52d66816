// SPDX-License-Identifier: Apache-2.0

#ifndef TESTS_FAKES_SCRIPT_H_
#define TESTS_FAKES_SCRIPT_H_

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "tests/fakes/gate.h"

namespace uid2::testing {

// What a server does once it has read a request, step by step. Unless a step ends the connection,
// the server then reads the next request on it.
class Script {
 public:
  Script& Send(std::string bytes);
  // Sends `bytes` `times` times, with a pause after each. Ends the script if the peer closes.
  Script& Repeat(std::string bytes, int64_t times, absl::Duration pause = absl::ZeroDuration());
  // Waits until `gate`, which must outlive the server, is open. Ends the script if the peer closes.
  Script& WaitFor(const Gate& gate);
  // Changes the keys of TLS 1.3, and asks the peer to change its own.
  Script& UpdateKeys();
  // End the connection: cleanly; with a reset; cleanly for TCP, but without TLS's close_notify.
  Script& Close();
  Script& Reset();
  Script& Cut();

 private:
  friend class ScriptedServer;

  enum class End { kClose, kReset, kCut };
  struct KeyUpdate {};
  struct Repetition {
    std::string bytes;
    int64_t times;
    absl::Duration pause;
  };
  std::vector<std::variant<std::string, Repetition, const Gate*, KeyUpdate, End>> steps_;
};

// An HTTP reply with Content-Length. Each of `fields` ends in "\r\n".
std::string ReplyText(int status, absl::string_view body, absl::string_view fields = "");

}  // namespace uid2::testing

#endif  // TESTS_FAKES_SCRIPT_H_
