// SPDX-License-Identifier: Apache-2.0

#ifndef CLIENT_CLI_KEY_FILE_H_
#define CLIENT_CLI_KEY_FILE_H_

#include <string>

namespace uid2::cli {

// If every user of this machine can read the private key in `path`, says so and what to do about
// it. Otherwise empty. Only a notice, because on a machine with one user it is harmless.
std::string KeyFileNotice(const std::string& path);

}  // namespace uid2::cli

#endif  // CLIENT_CLI_KEY_FILE_H_
