#include "server/identity/identity_parser.h"

#include "absl/strings/str_cat.h"
#include "server/identity/identity_reader.h"
#include "server/identity/json_parser.h"

namespace uid2 {

absl::StatusOr<Identity> ParseIdentity(absl::string_view json) {
  if (json.size() > kMaxIdentityJsonSize) {
    return absl::InvalidArgumentError(absl::StrCat("larger than ", kMaxIdentityJsonSize, " bytes"));
  }
  IdentityReader reader;
  if (!ParseJson(json, reader) && !reader.refused()) {
    return absl::InvalidArgumentError("not JSON");
  }
  return reader.Take();
}

}  // namespace uid2
