// SPDX-License-Identifier: Apache-2.0

#include "server/http/url.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace uid2 {
namespace {

struct UrlDeleter {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};

constexpr absl::string_view kNotHttps = "not an https:// URL; begin it with https://";
constexpr absl::string_view kNoHost = "the host is missing";
constexpr absl::string_view kBadHost =
    "the host is neither a name in ASCII (write an international name with xn--) nor an address";
constexpr absl::string_view kBadPort = "the port is not a number from 1 to 65535, in digits alone";

// What libcurl found, in words that say what to do.
absl::Status ErrorOf(CURLUcode code) {
  switch (code) {
    case CURLUE_OUT_OF_MEMORY:
      return absl::ResourceExhaustedError("out of memory");
    case CURLUE_BAD_SCHEME:
    case CURLUE_BAD_SLASHES:
    case CURLUE_UNSUPPORTED_SCHEME:
      return absl::InvalidArgumentError(kNotHttps);
    case CURLUE_NO_HOST:
      return absl::InvalidArgumentError(kNoHost);
    case CURLUE_BAD_HOSTNAME:
      return absl::InvalidArgumentError(kBadHost);
    case CURLUE_BAD_IPV6:
      return absl::InvalidArgumentError("brackets must contain an IPv6 address");
    case CURLUE_BAD_PORT_NUMBER:
      return absl::InvalidArgumentError(kBadPort);
    default:
      return absl::InvalidArgumentError("not a URL of the form https://HOST:PORT");
  }
}

bool IsSpaceOrControl(unsigned char c) { return absl::ascii_isspace(c) || absl::ascii_iscntrl(c); }

// Returns an empty string if the part is absent.
std::string Part(CURLU* url, CURLUPart part, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, flags) != CURLUE_OK) return std::string();
  std::string result = text;
  curl_free(text);
  return result;
}

// The text between the last colon of the authority and its end; empty if there is no port. libcurl
// returns ports as numbers, so that it does not show how they were written.
absl::string_view PortText(absl::string_view url) {
  absl::string_view authority = url.substr(url.find("://") + 3);
  authority = authority.substr(0, authority.find('/'));
  authority.remove_prefix(authority.rfind(']') + 1);
  const size_t colon = authority.rfind(':');
  return colon == absl::string_view::npos ? absl::string_view() : authority.substr(colon + 1);
}

bool IsIpv4Address(absl::string_view host) {
  in_addr address;
  return inet_pton(AF_INET, std::string(host).c_str(), &address) == 1;
}

bool IsLabel(absl::string_view label) {
  constexpr size_t kMaxLabelSize = 63;
  // An underscore is not allowed in a host name, but occurs in private networks.
  return !label.empty() && label.size() <= kMaxLabelSize &&
         std::all_of(label.begin(), label.end(), [](unsigned char c) {
           return absl::ascii_isalnum(c) || c == '-' || c == '_';
         });
}

bool IsHostName(absl::string_view host) {
  constexpr size_t kMaxNameSize = 253;
  host = absl::StripSuffix(host, ".");
  const std::vector<absl::string_view> labels = absl::StrSplit(host, '.');
  // Resolvers take a name that ends in a number for an address, so it must be one.
  const bool ends_in_number =
      std::all_of(labels.back().begin(), labels.back().end(), absl::ascii_isdigit);
  return host.size() <= kMaxNameSize && std::all_of(labels.begin(), labels.end(), IsLabel) &&
         (!ends_in_number || IsIpv4Address(host));
}

}  // namespace

absl::StatusOr<Url> ParseUrl(absl::string_view text) {
  if (text.empty()) return absl::InvalidArgumentError("is empty");
  if (std::any_of(text.begin(), text.end(), IsSpaceOrControl)) {
    return absl::InvalidArgumentError("contains white space or a control character; remove it");
  }
  const std::unique_ptr<CURLU, UrlDeleter> url(curl_url());
  if (url == nullptr) return absl::ResourceExhaustedError("out of memory");
  const CURLUcode code = curl_url_set(url.get(), CURLUPART_URL, std::string(text).c_str(), 0);
  if (code != CURLUE_OK) return ErrorOf(code);
  Url result;
  result.scheme = Part(url.get(), CURLUPART_SCHEME);
  const std::string host = Part(url.get(), CURLUPART_HOST);
  result.host = std::string(absl::StripSuffix(absl::StripPrefix(host, "["), "]"));
  if (result.scheme != "https" && result.scheme != "http") {
    return absl::InvalidArgumentError(kNotHttps);
  }
  // libcurl also accepts one or three slashes.
  const size_t slashes = text.find("://");
  if (result.host.empty() || slashes == absl::string_view::npos ||
      absl::StartsWith(text.substr(slashes), ":///")) {
    return absl::InvalidArgumentError(kNoHost);
  }
  if (!IsHost(result.host)) return absl::InvalidArgumentError(kBadHost);
  if (!Part(url.get(), CURLUPART_USER).empty() || !Part(url.get(), CURLUPART_PASSWORD).empty()) {
    return absl::InvalidArgumentError("holds a user name or password");
  }
  if (absl::StrContains(text, '?') || absl::StrContains(text, '#')) {
    return absl::InvalidArgumentError("holds a query or fragment; give the base URL alone");
  }
  if (const absl::string_view port = PortText(text);
      !port.empty() && ParsePort(port).value_or(0) == 0) {
    return absl::InvalidArgumentError(kBadPort);
  }
  result.port = ParsePort(Part(url.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT)).value_or(0);
  result.path = Part(url.get(), CURLUPART_PATH);
  return result;
}

absl::optional<int> ParsePort(absl::string_view text) {
  constexpr int kMaxPort = 65535;
  int port = 0;
  const bool digits = std::all_of(text.begin(), text.end(), absl::ascii_isdigit);
  if (text.empty() || text.size() > 5 || !digits || (text[0] == '0' && text.size() > 1) ||
      !absl::SimpleAtoi(text, &port) || port > kMaxPort) {
    return absl::nullopt;
  }
  return port;
}

bool IsIpv6Address(absl::string_view host) {
  const size_t zone = host.find('%');
  // A zone, if there is one, has a name.
  if (zone == host.size() - 1) return false;
  in6_addr address;
  return inet_pton(AF_INET6, std::string(host.substr(0, zone)).c_str(), &address) == 1;
}

bool IsIpAddress(absl::string_view host) { return IsIpv6Address(host) || IsIpv4Address(host); }

bool IsHost(absl::string_view host) { return IsIpv6Address(host) || IsHostName(host); }

bool IsLoopbackHost(absl::string_view host) {
  if (absl::EqualsIgnoreCase(host, "localhost")) return true;
  const std::string text(host);
  in_addr v4;
  if (inet_pton(AF_INET, text.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24) == 127;
  in6_addr v6;
  return inet_pton(AF_INET6, text.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

}  // namespace uid2
