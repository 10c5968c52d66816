// SPDX-License-Identifier: Apache-2.0

#include "tests/bench/credentials.h"

#include <fstream>
#include <iterator>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "tests/bench/check.h"

namespace uid2::bench {
namespace {

std::string ReadTrimmed(const std::string& path) {
  std::ifstream file(path);
  Check(file.good(), absl::StrCat("cannot read ", path));
  std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  absl::StripAsciiWhitespace(&text);
  return text;
}

}  // namespace

Credentials ReadCredentials(const std::string& folder) {
  Credentials credentials;
  credentials.api_key = ReadTrimmed(absl::StrCat(folder, "/api_key"));
  Check(absl::Base64Unescape(ReadTrimmed(absl::StrCat(folder, "/client_secret")),
                             &credentials.client_secret) &&
            credentials.client_secret.size() == 32,
        "client_secret is not 32 bytes in base64");
  return credentials;
}

}  // namespace uid2::bench
