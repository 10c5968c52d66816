// SPDX-License-Identifier: Apache-2.0

#include "server/identity/stored_identity.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/identity/identity_json.h"
#include "server/identity/json_parser.h"
#include "server/identity/plain_identity.h"
#include "server/identity/plain_json.h"

namespace uid2 {
namespace {

constexpr absl::string_view kOptOut = "optout";

// A name in Prebid.js's store, and the identity that is its value.
struct Member {
  absl::string_view name;
  IdentityReader reader = {};
  bool seen = false;
  bool is_object = false;
  bool is_opt_out = false;
};

// Reads the whole object as an identity and, beside that, the members that only Prebid.js's store
// has, until the end shows which of the two it is. A rejected identity does not end the parsing: an
// opt-out may follow.
class StoredIdentityReader
    : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, StoredIdentityReader> {
 public:
  bool Null() {
    return Forward([](IdentityReader& reader) { return reader.Null(); });
  }

  bool Bool(bool value) {
    return Forward([&](IdentityReader& reader) { return reader.Bool(value); });
  }

  bool RawNumber(const char* text, rapidjson::SizeType size, bool copy) {
    return Forward([&](IdentityReader& reader) { return reader.RawNumber(text, size, copy); });
  }

  bool String(const char* text, rapidjson::SizeType size, bool copy) {
    if (absl::string_view(text, size) == kOptOut) NoteOptOut();
    return Forward([&](IdentityReader& reader) { return reader.String(text, size, copy); });
  }

  bool Key(const char* text, rapidjson::SizeType size, bool copy) {
    const absl::string_view name(text, size);
    if (depth_ == 1) StartMember(name);
    is_status_ = name == "status";
    return Forward([&](IdentityReader& reader) { return reader.Key(text, size, copy); });
  }

  bool StartObject() {
    if (depth_ == 1 && member_ != nullptr) member_->is_object = true;
    ++depth_;
    return Forward([](IdentityReader& reader) { return reader.StartObject(); });
  }

  bool EndObject(rapidjson::SizeType members) {
    Forward([&](IdentityReader& reader) { return reader.EndObject(members); });
    return End();
  }

  bool StartArray() {
    ++depth_;
    return Forward([](IdentityReader& reader) { return reader.StartArray(); });
  }

  bool EndArray(rapidjson::SizeType elements) {
    Forward([&](IdentityReader& reader) { return reader.EndArray(elements); });
    return End();
  }

  absl::StatusOr<StoredIdentity> Take() {
    if (opted_out_) return StoredIdentity{};
    const bool is_prebids = (latest_.seen || original_.seen) && !has_advertising_token_;
    if (!is_prebids) return Stored(whole_.Take());
    if (member_twice_) {
      return absl::InvalidArgumentError("latestToken or originalToken appears twice");
    }
    Member& used = latest_.is_object || latest_.is_opt_out ? latest_ : original_;
    if (used.is_opt_out) return StoredIdentity{};
    if (!used.is_object) return absl::InvalidArgumentError("latestToken is not an identity");
    absl::StatusOr<Identity> identity = used.reader.Take();
    if (identity.ok()) return Stored(std::move(identity));
    return absl::InvalidArgumentError(absl::StrCat(used.name, ": ", identity.status().message()));
  }

 private:
  static absl::StatusOr<StoredIdentity> Stored(absl::StatusOr<Identity> identity) {
    if (!identity.ok()) return identity.status();
    return StoredIdentity{*std::move(identity)};
  }

  void StartMember(absl::string_view name) {
    has_advertising_token_ |= name == "advertising_token";
    member_ = name == latest_.name ? &latest_ : name == original_.name ? &original_ : nullptr;
    if (member_ == nullptr) return;
    member_twice_ |= member_->seen;
    member_->seen = true;
  }

  // Prebid.js stores the text "optout", or the record of the SDK that it has found in a cookie.
  void NoteOptOut() {
    if (depth_ == 1) {
      if (is_status_) opted_out_ = true;
      if (member_ == &latest_) latest_.is_opt_out = true;
    } else if (depth_ == 2 && is_status_ && member_ != nullptr && member_->is_object) {
      member_->is_opt_out = true;
    }
  }

  bool End() {
    --depth_;
    return true;
  }

  // Passes an event to each reader that has not rejected an earlier one.
  template <typename Event>
  bool Forward(Event event) {
    if (!whole_.rejected()) (void)event(whole_);
    if (depth_ > 1 && member_ != nullptr && member_->is_object && !member_->reader.rejected()) {
      (void)event(member_->reader);
    }
    return true;
  }

  IdentityReader whole_;
  Member latest_ = {.name = "latestToken"};
  Member original_ = {.name = "originalToken"};
  // The member of the top level whose value is being read; null for any other.
  Member* member_ = nullptr;
  bool member_twice_ = false;
  bool has_advertising_token_ = false;
  bool is_status_ = false;
  bool opted_out_ = false;
  int depth_ = 0;
};

// Decodes what encodeURIComponent() has encoded. Empty if an escape is not complete.
absl::optional<std::string> DecodeUriComponent(absl::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded.push_back(text[i]);
      continue;
    }
    const absl::string_view digits = text.substr(i + 1, 2);
    if (digits.size() < 2 || !absl::ascii_isxdigit(static_cast<unsigned char>(digits[0])) ||
        !absl::ascii_isxdigit(static_cast<unsigned char>(digits[1]))) {
      return absl::nullopt;
    }
    decoded.append(absl::HexStringToBytes(digits));
    i += 2;
  }
  return decoded;
}

// Whether `text` begins like an encoded cookie; plain JSON never does.
bool IsUriEncoded(absl::string_view text) {
  return absl::StartsWith(absl::StripLeadingAsciiWhitespace(text), "%");
}

// As in a Cookie header. The = at the end of base64 does not count.
bool IsAssignment(absl::string_view text) {
  const size_t end = text.find_first_of("={[\"%");
  return end != 0 && end != absl::string_view::npos && text[end] == '=' &&
         text.find_first_not_of('=', end) != absl::string_view::npos;
}

bool IsToken(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return absl::ascii_isalnum(c) || absl::StrContains("+/-_=", static_cast<char>(c));
  });
}

// What a text that is no JSON object is instead. Completes the sentence "not an identity: ...".
absl::string_view NatureOf(absl::string_view text) {
  text = absl::StripAsciiWhitespace(text);
  if (text.empty()) return "empty";
  if (text == "null") return "null (there is no identity to refresh)";
  if (text == "undefined") return "undefined (there is no identity to refresh)";
  if (text == "[object Object]") return "[object Object] (use JSON.stringify())";
  if (IsUriEncoded(text)) return "URL-encoded twice (decode it once)";
  if (IsAssignment(text)) return "of the form NAME=VALUE (send the value alone)";
  if (IsToken(text)) return "not JSON; an advertising token alone cannot be refreshed";
  return "not JSON";
}

// The usual form at a fraction of the cost: an identity just as it was issued. Nothing if the
// StoredIdentityReader must decide.
absl::optional<Identity> ReadPlain(absl::string_view json) {
  if (!IsPlainText(json)) return absl::nullopt;
  PlainJsonReader reader(json);
  absl::optional<Identity> identity = ReadPlainIdentity(reader);
  if (!reader.AtEnd() || absl::StrContains(json, kOptOut)) return absl::nullopt;
  return identity;
}

// `json` is not URL-encoded.
absl::StatusOr<StoredIdentity> ParseStoredJson(absl::string_view json) {
  if (absl::optional<Identity> plain = ReadPlain(json)) return StoredIdentity{std::move(plain)};
  StoredIdentityReader reader;
  if (absl::StripAsciiWhitespace(json) == "null" || !ParseJson(json, reader)) {
    return absl::InvalidArgumentError(NatureOf(json));
  }
  return reader.Take();
}

}  // namespace

absl::StatusOr<StoredIdentity> ParseStoredIdentity(absl::string_view text) {
  if (text.size() > kMaxIdentityJsonSize) {
    return absl::InvalidArgumentError(absl::StrCat("larger than ", kMaxIdentityJsonSize, " bytes"));
  }
  if (!IsUriEncoded(text)) return ParseStoredJson(text);
  const absl::optional<std::string> decoded = DecodeUriComponent(text);
  if (!decoded.has_value()) return absl::InvalidArgumentError("a % escape is not complete");
  return ParseStoredJson(*decoded);
}

}  // namespace uid2
