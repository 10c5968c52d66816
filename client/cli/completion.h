#ifndef CLIENT_CLI_COMPLETION_H_
#define CLIENT_CLI_COMPLETION_H_

#include <string>

namespace uid2::cli {

// A script for bash that completes commands, their flags, and the values of flags that have a
// fixed set or are files.
std::string BashCompletion();

}  // namespace uid2::cli

#endif  // CLIENT_CLI_COMPLETION_H_
