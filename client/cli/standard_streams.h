// SPDX-License-Identifier: Apache-2.0

#ifndef CLIENT_CLI_STANDARD_STREAMS_H_
#define CLIENT_CLI_STANDARD_STREAMS_H_

namespace uid2::cli {

// A program that contains this file has stdin, stdout and stderr open. Otherwise the next file or
// connection would get the number of the one that is closed, and would be read from or written to
// in its place. Using one that was closed still fails.

// Whether `descriptor` is a terminal that can overwrite what it shows.
bool IsTerminal(int descriptor);

// Whether what is written to `descriptor` may have colors: IsTerminal(), and NO_COLOR
// (https://no-color.org) is not set.
bool HasColors(int descriptor);

}  // namespace uid2::cli

#endif  // CLIENT_CLI_STANDARD_STREAMS_H_
