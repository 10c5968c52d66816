// SPDX-License-Identifier: Apache-2.0

#include "server/http/url.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>

#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace uid2 {
namespace {

struct UrlDeleter {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};

// Returns an empty string if the part is absent.
std::string Part(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, 0) != CURLUE_OK) return std::string();
  const std::string result = text;
  curl_free(text);
  return result;
}

}  // namespace

absl::StatusOr<Url> ParseUrl(absl::string_view text) {
  const std::unique_ptr<CURLU, UrlDeleter> url(curl_url());
  if (url == nullptr) return absl::ResourceExhaustedError("out of memory");
  const CURLUcode code = curl_url_set(url.get(), CURLUPART_URL, std::string(text).c_str(), 0);
  if (code != CURLUE_OK) {
    return absl::InvalidArgumentError(absl::StrCat("not a URL: ", curl_url_strerror(code)));
  }
  Url result;
  result.scheme = Part(url.get(), CURLUPART_SCHEME);
  const std::string host = Part(url.get(), CURLUPART_HOST);
  result.host = std::string(absl::StripSuffix(absl::StripPrefix(host, "["), "]"));
  if (result.scheme != "https" && result.scheme != "http") {
    return absl::InvalidArgumentError("not an https:// URL");
  }
  if (result.host.empty()) return absl::InvalidArgumentError("the host is missing");
  if (!Part(url.get(), CURLUPART_USER).empty() || !Part(url.get(), CURLUPART_PASSWORD).empty()) {
    return absl::InvalidArgumentError("holds a user name or password");
  }
  if (absl::StrContains(text, '?') || absl::StrContains(text, '#')) {
    return absl::InvalidArgumentError("holds a query or fragment; give the base URL alone");
  }
  return result;
}

bool IsLoopbackHost(absl::string_view host) {
  if (absl::EqualsIgnoreCase(host, "localhost")) return true;
  const std::string text(host);
  in_addr v4;
  if (inet_pton(AF_INET, text.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24) == 127;
  in6_addr v6;
  return inet_pton(AF_INET6, text.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

}  // namespace uid2
