// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_IDENTITY_IDENTITY_JSON_H_
#define SERVER_IDENTITY_IDENTITY_JSON_H_

#include <rapidjson/reader.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/identity/identity.h"
#include "server/identity/page_json.h"

namespace uid2 {

// The largest identity that is accepted from a caller, in bytes. Those that the operator issues
// have about 1,000 bytes.
constexpr size_t kMaxIdentityJsonSize = size_t{16} * 1024;

// In milliseconds, a time in 1973; in seconds, one in the year 5138. So no time from now on is less
// than this in milliseconds, and none is more than this in seconds.
constexpr int64_t kMinMillis = 100'000'000'000;

// In milliseconds, a time in the year 5138; in microseconds, one in 1973. Such a time would make an
// identity look fresh for ever.
constexpr int64_t kMaxMillis = 100'000'000'000'000;

// Parses an identity object from the operator or from a caller. Keeps unknown fields, and the exact
// text of numbers. Fails with kInvalidArgument; the message contains names of fields, but never
// their values.
//
// Times may be written in any form of a whole number. Those that can only be seconds, microseconds
// or nanoseconds are rejected.
absl::StatusOr<Identity> ParseIdentity(absl::string_view json);

// A RapidJSON handler that builds an Identity in one pass, for an object that is part of a larger
// text. Pass it the events from the object's StartObject to its EndObject, then call Take().
class IdentityReader : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, IdentityReader> {
 public:
  bool Null();
  bool Bool(bool value);
  bool RawNumber(const char* text, rapidjson::SizeType size, bool copy);
  bool String(const char* text, rapidjson::SizeType size, bool copy);
  bool Key(const char* text, rapidjson::SizeType size, bool copy);
  bool StartObject();
  bool EndObject(rapidjson::SizeType members);
  bool StartArray();
  bool EndArray(rapidjson::SizeType elements);

  // Whether the EndObject of the identity itself has been received.
  bool complete() const { return depth_ == 0 && started_; }

  // Whether an event was rejected. Take() then returns the reason.
  bool rejected() const { return !problem_.empty(); }

  // Fails like ParseIdentity().
  absl::StatusOr<Identity> Take();

 private:
  enum Field : unsigned {
    kAdvertisingToken,
    kRefreshToken,
    kRefreshResponseKey,
    kIdentityExpires,
    kRefreshFrom,
    kRefreshExpires,
    kUnknown,
  };

  static Field FieldNamed(absl::string_view name);
  static absl::string_view NameOf(Field field);

  // The field whose value the next event is; kUnknown below the top level.
  Field Current() const { return depth_ == 1 ? field_ : kUnknown; }
  bool Reject(absl::string_view problem);
  bool RejectType();
  bool ReadTime(absl::string_view number, int64_t& time);
  bool Open(char bracket);
  bool Close(char bracket);

  Identity identity_;
  PageJsonWriter writer_;
  Field field_ = kUnknown;
  unsigned seen_ = 0;
  int depth_ = 0;
  bool started_ = false;
  std::string problem_;
};

}  // namespace uid2

#endif  // SERVER_IDENTITY_IDENTITY_JSON_H_
