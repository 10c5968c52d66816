// SPDX-License-Identifier: Apache-2.0

#ifndef CLIENT_CLI_FISH_COMPLETION_H_
#define CLIENT_CLI_FISH_COMPLETION_H_

#include <string>

namespace uid2::cli {

// A fish script that completes commands, their flags and values, with descriptions.
std::string FishCompletion();

}  // namespace uid2::cli

#endif  // CLIENT_CLI_FISH_COMPLETION_H_
