// SPDX-License-Identifier: Apache-2.0

#include "server/app/build_info.h"

#include <google/protobuf/stubs/common.h>
#include <grpcpp/grpcpp.h>
#include <openssl/crypto.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "server/app/commit_stamp.h"
#include "server/app/version.h"
#include "server/http/curl/curl_version.h"

namespace uid2 {
namespace {

#ifdef __clang__
constexpr absl::string_view kCompiler = "Clang " __clang_version__;
#else
constexpr absl::string_view kCompiler = "GCC " __VERSION__;
#endif

constexpr char kNotRecorded[] = "not recorded";

}  // namespace

std::vector<BuildFact> BuildFacts() {
  const absl::string_view commit = kCommit;
  return {
      {"version", "version", kVersion},
      {"commit", "commit", commit.empty() ? kNotRecorded : std::string(commit)},
      {"compiler", "compiler", std::string(kCompiler)},
      {"gRPC", "grpc", grpc::Version()},
      // The loaded protobuf does not tell its version. One of another minor version is not loaded.
      {"protobuf", "protobuf", google::protobuf::internal::VersionString(GOOGLE_PROTOBUF_VERSION)},
      {"OpenSSL", "openssl", OpenSSL_version(OPENSSL_VERSION_STRING)},
      {"libcurl", "libcurl", std::string(CurlVersion())},
  };
}

std::string BuildInfo(absl::string_view program, absl::string_view contained) {
  const std::vector<BuildFact> facts = BuildFacts();
  std::string text = absl::StrCat(program, " ", facts.front().value);
  for (auto fact = facts.begin() + 1; fact != facts.end(); ++fact) {
    absl::StrAppendFormat(&text, "\n%-10s%s", fact->name, fact->value);
    if (fact->value == kNotRecorded) text += "; --config=release records it";
  }
  absl::string_view name = "contains";
  for (const absl::string_view package : absl::StrSplit(contained, '\n', absl::SkipEmpty())) {
    absl::StrAppendFormat(&text, "\n%-10s%s", name, package);
    name = "";
  }
  return text;
}

}  // namespace uid2
