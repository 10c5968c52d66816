#ifndef SERVER_HTTP_CURL_CURL_TRANSFER_SETUP_H_
#define SERVER_HTTP_CURL_CURL_TRANSFER_SETUP_H_

#include <memory>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "server/http/curl/curl_counters.h"
#include "server/http/curl/curl_handle.h"
#include "server/http/curl/curl_http_client_options.h"
#include "server/http/curl/curl_session_cache.h"
#include "server/http/curl/socket_watch.h"
#include "server/http/resolver/host_resolver.h"
#include "server/http/tls/trust_store.h"

namespace uid2 {

// What all transfers of one loop have in common. For the loop's thread; it must outlive the
// handles and all connections.
struct CurlTransferSetup {
  CurlHttpClientOptions options;
  // Looked at for each new connection, so another store may take its place at any time.
  std::shared_ptr<const TrustStore> trust_store;
  CurlSessionCache sessions;
  HostResolver& resolver;
  SocketWatch& sockets;
  CurlCounters& counters;
};

// Sets every option of a handle that is the same for all requests: all of the security of a
// transfer, and none of what it says.
absl::Status Configure(CurlHandle& handle, CurlTransferSetup& setup);

// How long the handle's next transfers may take to have a connection.
absl::Status SetConnectTimeout(CurlHandle& handle, absl::Duration timeout);

// Ties the handle's next transfer to setup's present trust store: it uses no connection and resumes
// no TLS session that was made under another. Once for each store; before a transfer begins.
absl::Status UseTrustStore(CurlHandle& handle, const CurlTransferSetup& setup);

// Setup's trust store is another than the one that the handle's transfer, which is under way, began
// with. Its connection is closed after it; and should it need a new one, that resumes no session,
// so the peer is verified against the present store.
absl::Status OutliveTrustStore(CurlHandle& handle);

}  // namespace uid2

#endif  // SERVER_HTTP_CURL_CURL_TRANSFER_SETUP_H_
