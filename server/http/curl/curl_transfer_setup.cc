// SPDX-License-Identifier: Apache-2.0

#include "server/http/curl/curl_transfer_setup.h"

#include <openssl/ssl.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "server/event/file_descriptor.h"
#include "server/http/peer_socket.h"

namespace uid2 {
namespace {

// Replies are smaller than this. Each call in flight has such a buffer, and with libcurl's default
// of 16 KiB, it would be most of the memory of a call.
constexpr long kReceiveBufferBytes = 2048;  // NOLINT(runtime/int): libcurl's type
// The minimum that libcurl accepts.
constexpr long kSendBufferBytes = 16384;  // NOLINT(runtime/int)

// Even a busy connection is replaced after this time, so that we follow an operator that moves to
// other addresses.
constexpr long kMaxConnectionAgeSeconds = 300;  // NOLINT(runtime/int)

CURLcode OnTlsContext(CURL* /*handle*/, void* context, void* setup) {
  SSL_CTX* const tls = static_cast<SSL_CTX*>(context);
  static_cast<const CurlTransferSetup*>(setup)->trust_store->UseIn(tls);
  // libcurl sets a callback if SSLKEYLOGFILE is in the environment. A connection's secrets must not
  // be written anywhere.
  SSL_CTX_set_keylog_callback(tls, nullptr);
  return CURLE_OK;
}

int OnCloseSocket(void* setup, curl_socket_t fd) {
  static_cast<CurlTransferSetup*>(setup)->sockets.Closed(fd);
  return close(fd);
}

long Milliseconds(absl::Duration duration) {  // NOLINT(runtime/int)
  // libcurl's largest limit, 24 days, which is practically unlimited.
  constexpr int64_t kMax = 0x7fffffff;
  return std::min(absl::ToInt64Milliseconds(absl::Ceil(duration, absl::Milliseconds(1))), kMax);
}

}  // namespace

curl_socket_t OpenSocket(CurlTransferSetup& setup, const curl_sockaddr& address, std::string peer,
                         const HttpTargetMetrics& metrics) {
  const HttpClientOptions& options = setup.options;
  absl::StatusOr<FileDescriptor> socket =
      OpenPeerSocket(address.family, UserTimeout(options.connect_timeout, options.request_timeout));
  if (!socket.ok() || !setup.sockets.Opened(socket->get(), std::move(peer)).ok()) {
    return CURL_SOCKET_BAD;
  }
  metrics.connections_opened.Increment();
  return socket->release();
}

absl::Status Configure(CurlHandle& handle, CurlTransferSetup& setup) {
  const HttpClientOptions& options = setup.options;
  const bool http2 = Multiplexes(setup);
  const absl::Status results[] = {
      // Signals are blocked on the loop's thread, and libcurl must not use them for time limits.
      handle.Set<CURLOPT_NOSIGNAL>(1L),
      handle.Set<CURLOPT_PROTOCOLS_STR>("http,https"),
      handle.Set<CURLOPT_HTTP_VERSION>(
          static_cast<long>(http2 ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1)),
      // A request waits for a connection that is being opened if it may share that connection.
      handle.Set<CURLOPT_PIPEWAIT>(http2 ? 1L : 0L),
      handle.Set<CURLOPT_HTTP09_ALLOWED>(0L),
      handle.Set<CURLOPT_FOLLOWLOCATION>(0L),
      handle.Set<CURLOPT_DISALLOW_USERNAME_IN_URL>(1L),
      handle.Set<CURLOPT_NETRC>(static_cast<long>(CURL_NETRC_IGNORED)),
      // No decompression, so that the size limit applies to the bytes that are kept.
      handle.Set<CURLOPT_ACCEPT_ENCODING>(nullptr),

      handle.Set<CURLOPT_SSL_VERIFYPEER>(1L),
      handle.Set<CURLOPT_SSL_VERIFYHOST>(2L),
      handle.Set<CURLOPT_SSLVERSION>(static_cast<long>(CURL_SSLVERSION_TLSv1_2)),
      // Clears the distribution's default file, which libcurl would parse for each connection.
      handle.Set<CURLOPT_CAINFO>(nullptr),
      handle.Set<CURLOPT_PROXY_CAINFO>(nullptr),
      // Otherwise libcurl would cache the first store that OnTlsContext() sets as its own, and use
      // it for a day in place of later ones.
      handle.Set<CURLOPT_CA_CACHE_TIMEOUT>(0L),
      handle.Set<CURLOPT_SSL_CTX_FUNCTION>(&OnTlsContext),
      handle.Set<CURLOPT_SSL_CTX_DATA>(static_cast<void*>(&setup)),
      handle.Set<CURLOPT_SHARE>(setup.sessions.get()),

      handle.Set<CURLOPT_CLOSESOCKETFUNCTION>(&OnCloseSocket),
      handle.Set<CURLOPT_CLOSESOCKETDATA>(static_cast<void*>(&setup)),
      handle.Set<CURLOPT_BUFFERSIZE>(kReceiveBufferBytes),
      handle.Set<CURLOPT_UPLOAD_BUFFERSIZE>(kSendBufferBytes),

      SetConnectTimeout(handle, options.connect_timeout),
      handle.Set<CURLOPT_MAXLIFETIME_CONN>(kMaxConnectionAgeSeconds),
      // libcurl drops a connection only if it was idle for a whole second longer than this value.
      handle.Set<CURLOPT_MAXAGE_CONN>(
          static_cast<long>(absl::ToInt64Seconds(options.idle_timeout)) - 1),
      // Rejects a reply at once if its Content-Length is too large. CurlTransfer::OnBody() checks
      // replies without Content-Length.
      handle.Set<CURLOPT_MAXFILESIZE_LARGE>(static_cast<curl_off_t>(options.max_reply_bytes)),
  };
  for (const absl::Status& result : results) {
    if (!result.ok()) return result;
  }
  return UseTrustStore(handle, setup);
}

absl::Status SetConnectTimeout(CurlHandle& handle, absl::Duration timeout) {
  return handle.Set<CURLOPT_CONNECTTIMEOUT_MS>(Milliseconds(timeout));
}

absl::Status UseTrustStore(CurlHandle& handle, const CurlTransferSetup& setup) {
  // libcurl reuses a connection or session only for a handle with the same settings. CAPATH, the
  // directory of additional authorities, is one of them, so its name can identify the store.
  // libcurl adds the directory to the store that OnTlsContext() sets, so the directory must not
  // exist; it cannot, because /dev/null is not a directory.
  const std::string name = absl::StrCat("/dev/null/trust-store-", setup.trust_store->id());
  const absl::Status results[] = {
      handle.Set<CURLOPT_CAPATH>(name.c_str()),
      handle.Set<CURLOPT_PROXY_CAPATH>(name.c_str()),
      handle.Set<CURLOPT_SSL_SESSIONID_CACHE>(1L),
      handle.Set<CURLOPT_FORBID_REUSE>(0L),
  };
  for (const absl::Status& result : results) {
    if (!result.ok()) return result;
  }
  return absl::OkStatus();
}

absl::Status MarkForClose(CurlHandle& handle) {
  const absl::Status status = handle.Set<CURLOPT_SSL_SESSIONID_CACHE>(0L);
  return status.ok() ? handle.Set<CURLOPT_FORBID_REUSE>(1L) : status;
}

}  // namespace uid2
