// SPDX-License-Identifier: Apache-2.0

#include "client/cli/identity_input.h"

#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <cstddef>

#include "absl/strings/ascii.h"

namespace uid2::cli {
namespace {

// Finds the member "identity" of the outermost object, and remembers where its value is: what is
// passed on must keep the numbers' own text.
class IdentityFinder : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, IdentityFinder> {
 public:
  explicit IdentityFinder(const rapidjson::MemoryStream& stream) : stream_(stream) {}

  bool Default() { return true; }
  bool Key(const char* text, rapidjson::SizeType size, bool /*copy*/) {
    const absl::string_view name(text, size);
    if (depth_ == 1) at_identity_ = name == "identity";
    if (depth_ == 1 && (name == "outcome" || name == "error")) is_result_ = true;
    if (depth_ == 1 && name == "advertising_token") is_identity_ = true;
    return true;
  }
  bool StartObject() {
    // The iterative parser calls before it takes the brace, here and in EndObject().
    if (depth_ == 1 && at_identity_) begin_ = stream_.Tell();
    ++depth_;
    return true;
  }
  bool EndObject(rapidjson::SizeType /*members*/) {
    --depth_;
    if (depth_ == 1 && at_identity_) end_ = stream_.Tell() + 1;
    return true;
  }
  bool StartArray() {
    ++depth_;
    return true;
  }
  bool EndArray(rapidjson::SizeType /*elements*/) {
    --depth_;
    return true;
  }

  size_t begin() const { return begin_; }
  size_t end() const { return end_; }
  bool is_result() const { return is_result_; }
  // Whether the outermost object is the identity.
  bool is_identity() const { return is_identity_; }

 private:
  const rapidjson::MemoryStream& stream_;
  int depth_ = 0;
  bool at_identity_ = false;
  bool is_result_ = false;
  bool is_identity_ = false;
  size_t begin_ = 0;
  size_t end_ = 0;
};

}  // namespace

absl::StatusOr<std::string> IdentityIn(absl::string_view text) {
  const absl::string_view json = absl::StripAsciiWhitespace(text);
  if (json.empty()) {
    return absl::InvalidArgumentError(
        "stdin is empty: write an identity's JSON to it, as `generate --json_only` prints it");
  }
  rapidjson::MemoryStream stream(json.data(), json.size());
  IdentityFinder finder(stream);
  rapidjson::Reader reader;
  const rapidjson::ParseResult result =
      reader.Parse<rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag |
                   rapidjson::kParseNumbersAsStringsFlag>(stream, finder);
  if (result.Code() == rapidjson::kParseErrorStringInvalidEncoding) {
    return absl::InvalidArgumentError("the identity is not UTF-8");
  }
  if (result.IsError() || finder.is_identity()) return std::string(json);
  if (finder.end() > finder.begin()) {
    return std::string(json.substr(finder.begin(), finder.end() - finder.begin()));
  }
  if (finder.is_result()) {
    return absl::InvalidArgumentError(
        "the input is the result of a call that gave no identity, so there is nothing to refresh");
  }
  return std::string(json);
}

}  // namespace uid2::cli
