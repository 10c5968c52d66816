// SPDX-License-Identifier: Apache-2.0

#include "server/app/build_info.h"

#include <google/protobuf/stubs/common.h>
#include <grpcpp/grpcpp.h>
#include <openssl/crypto.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
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

void AddRow(std::string& table, absl::string_view name, absl::string_view value) {
  absl::StrAppendFormat(&table, "\n%-10s%s", name, value);
}

}  // namespace

std::string BuildInfo(absl::string_view program) {
  std::string text = absl::StrCat(program, " ", kVersion);
  const absl::string_view commit = kCommit;
  AddRow(text, "commit", commit.empty() ? "not recorded; --config=release records it" : commit);
  AddRow(text, "compiler", kCompiler);
  AddRow(text, "gRPC", grpc::Version());
  // The loaded protobuf does not tell its version. One of another minor version is not loaded.
  AddRow(text, "protobuf", google::protobuf::internal::VersionString(GOOGLE_PROTOBUF_VERSION));
  AddRow(text, "OpenSSL", OpenSSL_version(OPENSSL_VERSION_STRING));
  AddRow(text, "libcurl", CurlVersion());
  return text;
}

}  // namespace uid2
