// SPDX-License-Identifier: Apache-2.0

#ifndef CLIENT_CLI_ZSH_COMPLETION_H_
#define CLIENT_CLI_ZSH_COMPLETION_H_

#include <string>

namespace uid2::cli {

// A zsh script that completes commands, their flags and values, with descriptions. It works if it
// is sourced, and as a file named _identityctl in a folder of $fpath.
std::string ZshCompletion();

}  // namespace uid2::cli

#endif  // CLIENT_CLI_ZSH_COMPLETION_H_
