// SPDX-License-Identifier: Apache-2.0

#include "server/http/curl/curl_host_entry.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "absl/strings/str_cat.h"

namespace uid2 {
namespace {

struct UrlDeleter {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};

// Returns the key by which libcurl looks up the host; empty if there is none.
std::string Part(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, CURLU_DEFAULT_PORT | CURLU_PUNYCODE) != CURLUE_OK) return "";
  std::string result = text;
  curl_free(text);
  return result;
}

bool IsAddress(const std::string& host) {
  in_addr v4;
  return host.front() == '[' || inet_pton(AF_INET, host.c_str(), &v4) == 1;
}

}  // namespace

CurlHostEntry::CurlHostEntry(const std::string& url, HostResolver& resolver)
    : resolver_(&resolver) {
  const std::unique_ptr<CURLU, UrlDeleter> parts(curl_url());
  if (parts == nullptr || curl_url_set(parts.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK) {
    return;
  }
  const std::string host = Part(parts.get(), CURLUPART_HOST);
  if (host.empty() || IsAddress(host)) return;
  host_ = resolver.HostNamed(host);
  key_ = absl::StrCat(host, ":", Part(parts.get(), CURLUPART_PORT));
}

absl::Status CurlHostEntry::Set(const HostResolver::Addresses& addresses, CurlHandle& handle) {
  // libcurl never drops an entry without a leading "+".
  const std::string entry = absl::StrCat(key_, ":", *addresses);
  std::unique_ptr<curl_slist, Free> list(curl_slist_append(nullptr, entry.c_str()));
  if (list == nullptr) return absl::InternalError("no memory for a host's addresses");
  absl::Status status = handle.Set<CURLOPT_RESOLVE>(list.get());
  if (!status.ok()) return status;
  list_ = std::move(list);
  used_ = addresses;
  return absl::OkStatus();
}

}  // namespace uid2
