// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_HTTP_CURL_CURL_TRANSFER_SETUP_H_
#define SERVER_HTTP_CURL_CURL_TRANSFER_SETUP_H_

#include <memory>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "server/http/curl/curl_handle.h"
#include "server/http/curl/curl_http_client_options.h"
#include "server/http/curl/curl_session_cache.h"
#include "server/http/curl/socket_watch.h"
#include "server/http/resolver/host_resolver.h"
#include "server/http/tls/trust_store.h"
#include "server/telemetry/metrics.h"

namespace uid2 {

// What all transfers of one driver share. For the loop's thread; it must outlive the handles and
// all connections.
struct CurlTransferSetup {
  CurlHttpClientOptions options;
  // Read for each new connection, so it may be replaced at any time.
  std::shared_ptr<const TrustStore> trust_store;
  CurlSessionCache sessions;
  HostResolver& resolver;
  SocketWatch& sockets;
  HttpMetrics metrics;
};

// Sets every option of a handle that is the same for all requests. All security of a transfer is
// here.
absl::Status Configure(CurlHandle& handle, CurlTransferSetup& setup);

// Limits the time that the handle's next transfers may take to get a connection.
absl::Status SetConnectTimeout(CurlHandle& handle, absl::Duration timeout);

// Ties the handle's next transfers to setup's present trust store: they use no connection and
// resume no TLS session that was made under another. Before a transfer begins.
absl::Status UseTrustStore(CurlHandle& handle, const CurlTransferSetup& setup);

// For a handle whose transfer, in progress, began under another trust store than setup's present
// one. Its connection is closed after it. If it needs a new connection, that resumes no session, so
// the peer is verified against the present store.
absl::Status MarkForClose(CurlHandle& handle);

}  // namespace uid2

#endif  // SERVER_HTTP_CURL_CURL_TRANSFER_SETUP_H_
