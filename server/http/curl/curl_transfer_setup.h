// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_HTTP_CURL_CURL_TRANSFER_SETUP_H_
#define SERVER_HTTP_CURL_CURL_TRANSFER_SETUP_H_

#include <curl/curl.h>

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "server/http/curl/curl_handle.h"
#include "server/http/curl/curl_session_cache.h"
#include "server/http/curl/socket_watch.h"
#include "server/http/http_client_options.h"
#include "server/http/resolver/host_resolver.h"
#include "server/http/tls/trust_store.h"
#include "server/telemetry/http_target_metrics.h"

namespace uid2 {

// What all transfers of one driver share. Use it on the loop's thread only. It must outlive the
// handles and all connections.
struct CurlTransferSetup {
  HttpClientOptions options;
  // Read for each new connection, so it may be replaced at any time.
  std::shared_ptr<const TrustStore> trust_store;
  CurlSessionCache sessions;
  HostResolver& resolver;
  SocketWatch& sockets;
};

// Whether requests may share connections (HTTP/2).
inline bool Multiplexes(const CurlTransferSetup& setup) {
  return setup.options.http_version == HttpClientOptions::HttpVersion::kHttp2;
}

// Opens the socket of a new connection, for the handle's CURLOPT_OPENSOCKETFUNCTION to return.
// `peer` is the address in the form of HttpFailure::peer. Returns CURL_SOCKET_BAD on failure.
curl_socket_t OpenSocket(CurlTransferSetup& setup, const curl_sockaddr& address, std::string peer,
                         const HttpTargetMetrics& metrics);

// Sets every option of a handle that is the same for all requests, including all security options.
// Only CURLOPT_OPENSOCKETFUNCTION, which needs OpenSocket(), is left to the caller.
absl::Status Configure(CurlHandle& handle, CurlTransferSetup& setup);

// Limits the time that the handle's next transfers may take to open a connection.
absl::Status SetConnectTimeout(CurlHandle& handle, absl::Duration timeout);

// Makes the handle's next transfers use the current trust store of `setup`: they reuse no
// connection and no TLS session that was verified against another store. Call this before a
// transfer begins.
absl::Status UseTrustStore(CurlHandle& handle, const CurlTransferSetup& setup);

// For a handle with a transfer in progress that began before setup's trust store was replaced.
// Closes the connection when the transfer has ended. If the transfer needs a new connection, it
// resumes no TLS session, so the peer is verified against the new store.
absl::Status MarkForClose(CurlHandle& handle);

}  // namespace uid2

#endif  // SERVER_HTTP_CURL_CURL_TRANSFER_SETUP_H_
