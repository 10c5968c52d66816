// SPDX-License-Identifier: Apache-2.0

#include "server/http/curl/curl_header_list.h"

#include <openssl/crypto.h>

#include <cstring>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/string_view.h"
#include "server/secrets/secret_access.h"

namespace uid2 {
namespace {

bool IsField(absl::string_view field) {
  const size_t colon = field.find(':');
  return colon != absl::string_view::npos && colon > 0 &&
         field.find_first_of(absl::string_view("\r\n\0", 3)) == absl::string_view::npos &&
         !absl::StripAsciiWhitespace(field.substr(colon + 1)).empty();
}

}  // namespace

void CurlHeaderList::Free::operator()(curl_slist* list) const {
  for (curl_slist* field = list; field != nullptr; field = field->next) {
    OPENSSL_cleanse(field->data, std::strlen(field->data));
  }
  curl_slist_free_all(list);
}

absl::StatusOr<CurlHeaderList> CurlHeaderList::New(const std::vector<std::string>& fields,
                                                   const Secret* secret_field) {
  List list;
  const auto append = [&list](const char* field) {
    curl_slist* const longer = curl_slist_append(list.get(), field);
    if (longer == nullptr) return absl::InternalError("no memory for a request header");
    (void)list.release();
    list.reset(longer);
    return absl::OkStatus();
  };
  const auto append_field = [&append](const std::string& field) {
    // The message must not contain the field, which may be a credential.
    if (!IsField(field)) return absl::InternalError("a request header is no header field");
    return append(field.c_str());
  };
  if (secret_field != nullptr) {
    // libcurl needs a null after the field.
    std::string field(secret_field->Reveal(SecretAccess()));
    const absl::Status status = append_field(field);
    OPENSSL_cleanse(field.data(), field.size());
    if (!status.ok()) return status;
  }
  for (const std::string& field : fields) {
    if (absl::Status status = append_field(field); !status.ok()) return status;
  }
  // A field without a value stops libcurl from sending it, so libcurl never waits for a
  // "100 Continue".
  if (absl::Status status = append("Expect:"); !status.ok()) return status;
  return CurlHeaderList(std::move(list));
}

}  // namespace uid2
