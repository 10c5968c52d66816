#ifndef SERVER_IDENTITY_IDENTITY_READER_H_
#define SERVER_IDENTITY_IDENTITY_READER_H_

#include <rapidjson/reader.h>

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/identity/identity.h"
#include "server/identity/json_writer.h"

namespace uid2 {

// Builds an Identity from the parse events of one JSON object, in one pass: RapidJSON's handler
// concept. Give it the events from the object's StartObject to its EndObject, then Take().
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

  // The object's own EndObject has come.
  bool complete() const { return depth_ == 0 && started_; }

  // Whether a handler refused an event; Take() then says why.
  bool refused() const { return !problem_.empty(); }

  // kInvalidArgument as ParseIdentity() says.
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

  // The field whose value the next event is, or kUnknown below the top level.
  Field Current() const { return depth_ == 1 ? field_ : kUnknown; }
  bool Refuse(absl::string_view problem);
  bool RefuseKind();
  bool Open(char bracket);
  bool Close(char bracket);

  Identity identity_;
  JsonWriter writer_;
  Field field_ = kUnknown;
  unsigned seen_ = 0;
  int depth_ = 0;
  bool started_ = false;
  std::string problem_;
};

}  // namespace uid2

#endif  // SERVER_IDENTITY_IDENTITY_READER_H_
