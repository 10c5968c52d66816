// SPDX-License-Identifier: Apache-2.0

#include "server/http/curl/curl_proxy.h"

#include <curl/curl.h>
#include <openssl/crypto.h>

#include <cstring>
#include <memory>

#include "absl/strings/match.h"
#include "server/secrets/credentials.h"
#include "server/secrets/secret.h"
#include "server/secrets/secret_access.h"

namespace uid2 {
namespace {

struct Free {
  void operator()(char* text) const {
    OPENSSL_cleanse(text, std::strlen(text));
    curl_free(text);
  }
};

// libcurl undoes this before it uses a user or password for a proxy.
std::unique_ptr<char, Free> Escape(const CurlHandle& handle, const Secret& secret) {
  const absl::string_view text = secret.Reveal(SecretAccess());
  return std::unique_ptr<char, Free>(
      curl_easy_escape(handle.get(), text.data(), static_cast<int>(text.size())));
}

absl::Status Authenticate(CurlHandle& handle, const ProxyCredentials& credentials) {
  const auto user = Escape(handle, credentials.user);
  const auto password = Escape(handle, credentials.password);
  if (user == nullptr || password == nullptr) {
    return absl::InternalError("no memory for the proxy's credentials");
  }
  const absl::Status results[] = {
      handle.Set<CURLOPT_PROXYAUTH>(static_cast<long>(CURLAUTH_BASIC)),
      handle.Set<CURLOPT_PROXYUSERNAME>(user.get()),
      handle.Set<CURLOPT_PROXYPASSWORD>(password.get()),
  };
  for (const absl::Status& result : results) {
    if (!result.ok()) return result;
  }
  return absl::OkStatus();
}

}  // namespace

bool UsesProxy(absl::string_view url, const HttpClientOptions& options) {
  return !options.proxy_url.empty() && absl::StartsWith(url, "https://");
}

absl::Status TunnelThroughProxy(CurlHandle& handle, const HttpClientOptions& options) {
  const absl::Status results[] = {
      handle.Set<CURLOPT_PROXY>(options.proxy_url.c_str()),
      // Not null: with null, libcurl would read the environment.
      handle.Set<CURLOPT_NOPROXY>(""),
      handle.Set<CURLOPT_HTTPPROXYTUNNEL>(1L),
      // The header of the reply to CONNECT is not the server's.
      handle.Set<CURLOPT_SUPPRESS_CONNECT_HEADERS>(1L),
      // The proxy gets none of the request's header fields, which contain a credential.
      handle.Set<CURLOPT_HEADEROPT>(static_cast<long>(CURLHEADER_SEPARATE)),
      handle.Set<CURLOPT_PROXY_SSL_VERIFYPEER>(1L),
      handle.Set<CURLOPT_PROXY_SSL_VERIFYHOST>(2L),
      handle.Set<CURLOPT_PROXY_SSLVERSION>(static_cast<long>(CURL_SSLVERSION_TLSv1_2)),
  };
  for (const absl::Status& result : results) {
    if (!result.ok()) return result;
  }
  if (options.proxy_credentials == nullptr) return absl::OkStatus();
  return Authenticate(handle, *options.proxy_credentials);
}

absl::Status UseNoProxy(CurlHandle& handle) {
  // Empty, not null: with null, libcurl would read the environment.
  return handle.Set<CURLOPT_PROXY>("");
}

}  // namespace uid2
