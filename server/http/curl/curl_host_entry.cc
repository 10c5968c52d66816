// SPDX-License-Identifier: Apache-2.0

#include "server/http/curl/curl_host_entry.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

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

// A host name that stands for the address, since libcurl takes a list of addresses only for a name.
// It is never looked up.
std::string AliasOf(const std::string& address) {
  return absl::StrCat(
      absl::StrReplaceAll(address, {{".", "-"}, {":", "-"}, {"[", "v6-"}, {"]", ""}}),
      ".address.invalid");
}

}  // namespace

CurlHostEntry::Parts CurlHostEntry::PartsOf(const std::string& url) {
  const std::unique_ptr<CURLU, UrlDeleter> parts(curl_url());
  if (parts == nullptr || curl_url_set(parts.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK) {
    return {};
  }
  std::string name = Part(parts.get(), CURLUPART_HOST);
  if (name.empty() || IsAddress(name)) return {};
  return {std::move(name), Part(parts.get(), CURLUPART_PORT)};
}

absl::Status CurlHostEntry::Use(TimePoint now, HostAddresses::Id avoid, CurlHandle& handle) {
  if (host() == nullptr) return absl::OkStatus();
  const HostAddresses& addresses = *Addresses(now);
  const HostAddresses::Address& picked = Pick(addresses, now, avoid);
  if (picked.id == picked_ && addresses.version() == version_) return absl::OkStatus();
  return Set(addresses, picked, handle);
}

const HostAddresses::Address& CurlHostEntry::Pick(const HostAddresses& addresses, TimePoint now,
                                                  HostAddresses::Id avoid) const {
  const HostAddresses::Address* const departing = addresses.departing(now, avoid);
  if (departing != nullptr && sockets_->HasIdle(absl::StrCat(departing->text, ":", port()))) {
    return *departing;
  }
  return addresses.Pick(now, avoid);
}

absl::Status CurlHostEntry::Set(const HostAddresses& addresses,
                                const HostAddresses::Address& picked, CurlHandle& handle) {
  const std::string alias = role_ == Role::kProxy ? name_ : AliasOf(picked.text);
  // libcurl never drops an entry without a leading "+".
  const std::string entry = absl::StrCat(alias, ":", port(), ":", addresses.ListFrom(picked));
  const std::string target = absl::StrCat("::", alias, ":");
  List resolve(curl_slist_append(nullptr, entry.c_str()));
  List connect_to(curl_slist_append(nullptr, target.c_str()));
  if (resolve == nullptr || connect_to == nullptr) {
    return absl::InternalError("no memory for a host's addresses");
  }
  absl::Status status = handle.Set<CURLOPT_RESOLVE>(resolve.get());
  if (status.ok() && role_ == Role::kServer) {
    status = handle.Set<CURLOPT_CONNECT_TO>(connect_to.get());
  }
  if (!status.ok()) return status;
  resolve_ = std::move(resolve);
  connect_to_ = std::move(connect_to);
  picked_ = picked.id;
  picked_ip_ = absl::StrReplaceAll(picked.text, {{"[", ""}, {"]", ""}});
  version_ = addresses.version();
  return absl::OkStatus();
}

}  // namespace uid2
