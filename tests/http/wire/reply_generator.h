// SPDX-License-Identifier: Apache-2.0

#ifndef TESTS_HTTP_WIRE_REPLY_GENERATOR_H_
#define TESTS_HTTP_WIRE_REPLY_GENERATOR_H_

#include <cstddef>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace uid2::testing {

// A reply as a server, or a fault, might send it.
struct GeneratedReply {
  std::string text;
  // What ReplyReader refuses in it although libcurl 7.88.1 may accept it; empty if there is nothing
  // of that kind.
  std::string refused;
};

// Generates replies of every framing, status, version and shape of chunks, valid and not. The same
// seed gives the same replies.
class ReplyGenerator {
 public:
  explicit ReplyGenerator(unsigned seed) : random_(seed) {}

  GeneratedReply Next();

  // `text` in one to five pieces.
  std::vector<std::string> Cut(absl::string_view text);

 private:
  // From 0 to `count` - 1.
  size_t Below(size_t count) {
    return std::uniform_int_distribution<size_t>(0, count - 1)(random_);
  }
  bool OneIn(size_t count) { return Below(count) == 0; }
  const char* OneOf(const std::vector<const char*>& choices) {
    return choices[Below(choices.size())];
  }

  std::string Interim();
  std::string StatusLine();
  std::string Fields();
  std::string Body();
  std::string Chunks(absl::string_view body);
  std::string Trailer();
  // What libcurl refuses, too.
  void AddFault(GeneratedReply& reply);
  // What only ReplyReader refuses.
  void AddAmbiguity(GeneratedReply& reply);

  std::mt19937 random_;
};

}  // namespace uid2::testing

#endif  // TESTS_HTTP_WIRE_REPLY_GENERATOR_H_
