// SPDX-License-Identifier: Apache-2.0

#ifndef CLIENT_CLI_BASH_COMPLETION_H_
#define CLIENT_CLI_BASH_COMPLETION_H_

#include <string>

namespace uid2::cli {

// A bash script that completes commands, their flags, and the values of flags that accept a fixed
// set of words or a file.
std::string BashCompletion();

}  // namespace uid2::cli

#endif  // CLIENT_CLI_BASH_COMPLETION_H_
