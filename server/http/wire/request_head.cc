// SPDX-License-Identifier: Apache-2.0

#include "server/http/wire/request_head.h"

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/secrets/secret_access.h"

namespace uid2 {
namespace {

// Whether `field` is a name, a colon and a value. A line end would begin another field.
bool IsField(absl::string_view field) {
  const size_t colon = field.find(':');
  return colon != absl::string_view::npos && colon > 0 &&
         field.find_first_of(absl::string_view(" \t")) > colon &&
         field.find_first_of(absl::string_view("\r\n\0", 3)) == absl::string_view::npos &&
         !absl::StripAsciiWhitespace(field.substr(colon + 1)).empty();
}

// Two such fields could make a server see other requests than those that were sent.
bool IsFraming(absl::string_view field) {
  const absl::string_view name = field.substr(0, field.find(':'));
  return absl::EqualsIgnoreCase(name, "Host") || absl::EqualsIgnoreCase(name, "Content-Length") ||
         absl::EqualsIgnoreCase(name, "Transfer-Encoding");
}

std::string HostField(const Url& url) {
  const std::string host = IsIpv6Address(url.host) ? absl::StrCat("[", url.host, "]") : url.host;
  const int default_port = url.scheme == "https" ? 443 : 80;
  return url.port == default_port ? host : absl::StrCat(host, ":", url.port);
}

// The size of the text, so that it is not moved while it grows: what is left behind is not wiped.
size_t SizeOf(absl::string_view beginning, const HttpTarget& target, absl::string_view end) {
  size_t size = beginning.size() + end.size();
  for (const std::string& field : target.headers) size += field.size() + 2;
  if (target.secret_header != nullptr) {
    size += target.secret_header->Reveal(SecretAccess()).size() + 2;
  }
  return size;
}

}  // namespace

absl::StatusOr<RequestHead> RequestHead::New(const Url& url, const HttpTarget& target) {
  const std::string beginning =
      absl::StrCat("POST ", url.path, " HTTP/1.1\r\nHost: ", HostField(url), "\r\nAccept: */*\r\n");
  constexpr absl::string_view kEnd = "Content-Length: ";
  std::string text;
  text.reserve(SizeOf(beginning, target, kEnd));
  text = beginning;
  const auto append = [&text](absl::string_view field) {
    if (!IsField(field) || IsFraming(field)) return false;
    absl::StrAppend(&text, field, "\r\n");
    return true;
  };
  bool valid =
      target.secret_header == nullptr || append(target.secret_header->Reveal(SecretAccess()));
  for (const std::string& field : target.headers) valid = valid && append(field);
  absl::StrAppend(&text, kEnd);
  Secret secret(std::move(text));
  // The message must not contain the field, which may be a credential.
  if (!valid) return absl::InternalError("a request header is no header field");
  return RequestHead(std::move(secret));
}

void RequestHead::Write(absl::string_view body, std::string& request) const {
  const absl::string_view head = text_.Reveal(SecretAccess());
  const std::string length = absl::StrCat(body.size());
  constexpr absl::string_view kHeadEnd = "\r\n\r\n";
  // First, because a string that grows leaves its contents behind.
  request.reserve(head.size() + length.size() + kHeadEnd.size() + body.size());
  request.assign(head.data(), head.size());
  absl::StrAppend(&request, length, kHeadEnd, body);
}

}  // namespace uid2
