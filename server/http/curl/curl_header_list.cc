// SPDX-License-Identifier: Apache-2.0

#include "server/http/curl/curl_header_list.h"

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/string_view.h"

namespace uid2 {
namespace {

bool IsField(absl::string_view field) {
  const size_t colon = field.find(':');
  return colon != absl::string_view::npos && colon > 0 &&
         field.find_first_of(absl::string_view("\r\n\0", 3)) == absl::string_view::npos &&
         !absl::StripAsciiWhitespace(field.substr(colon + 1)).empty();
}

}  // namespace

absl::StatusOr<CurlHeaderList> CurlHeaderList::New(const std::vector<std::string>& fields) {
  List list;
  const auto append = [&list](const char* field) {
    curl_slist* const longer = curl_slist_append(list.get(), field);
    if (longer == nullptr) return false;
    (void)list.release();
    list.reset(longer);
    return true;
  };
  for (const std::string& field : fields) {
    // The message must not contain the field, which may be a credential.
    if (!IsField(field)) return absl::InternalError("a request header is no header field");
    if (!append(field.c_str())) return absl::InternalError("no memory for a request header");
  }
  // A field without a value stops libcurl from sending it, so libcurl never waits for a
  // "100 Continue".
  if (!append("Expect:")) return absl::InternalError("no memory for a request header");
  return CurlHeaderList(std::move(list));
}

}  // namespace uid2
