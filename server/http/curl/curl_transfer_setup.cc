#include "server/http/curl/curl_transfer_setup.h"

#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

namespace uid2 {
namespace {

// A reply is smaller; each call that waits has one, and libcurl's own 16 KiB would be most of
// what it weighs.
constexpr long kReceiveBufferBytes = 2048;  // NOLINT(runtime/int): libcurl's type
// The least that libcurl takes.
constexpr long kSendBufferBytes = 16384;  // NOLINT(runtime/int)

// However busy a connection is, the host's present addresses are heeded after this time: an
// operator that moves to others must not keep us at the old ones.
constexpr long kMaxConnectionAgeSeconds = 300;  // NOLINT(runtime/int)

CURLcode OnTlsContext(CURL*, void* context, void* setup) {
  SSL_CTX* const tls = static_cast<SSL_CTX*>(context);
  static_cast<const CurlTransferSetup*>(setup)->trust_store->UseIn(tls);
  // libcurl has set one where SSLKEYLOGFILE is in the environment: nothing is to write down a
  // connection's secrets.
  SSL_CTX_set_keylog_callback(tls, nullptr);
  return CURLE_OK;
}

curl_socket_t OnOpenSocket(void* setup_data, curlsocktype, curl_sockaddr* address) {
  CurlTransferSetup& setup = *static_cast<CurlTransferSetup*>(setup_data);
  const int fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
  if (fd < 0) return CURL_SOCKET_BAD;
  if (!setup.sockets.Opened(fd).ok()) {
    (void)close(fd);
    return CURL_SOCKET_BAD;
  }
  setup.counters.connections_opened.Increment();
  return fd;
}

int OnCloseSocket(void* setup, curl_socket_t fd) {
  static_cast<CurlTransferSetup*>(setup)->sockets.Closed(fd);
  return close(fd);
}

long Milliseconds(absl::Duration duration) {  // NOLINT(runtime/int)
  // libcurl's largest limit; 24 days are as good as none.
  constexpr int64_t kMax = 0x7fffffff;
  return std::min(absl::ToInt64Milliseconds(absl::Ceil(duration, absl::Milliseconds(1))), kMax);
}

}  // namespace

absl::Status Configure(CurlHandle& handle, CurlTransferSetup& setup) {
  const CurlHttpClientOptions& options = setup.options;
  const absl::Status results[] = {
      // The loop's thread takes no signals, and none is to be set up for time limits.
      handle.Set<CURLOPT_NOSIGNAL>(1L),
      handle.Set<CURLOPT_PROTOCOLS_STR>("http,https"),
      handle.Set<CURLOPT_HTTP_VERSION>(static_cast<long>(CURL_HTTP_VERSION_1_1)),
      handle.Set<CURLOPT_HTTP09_ALLOWED>(0L),
      handle.Set<CURLOPT_FOLLOWLOCATION>(0L),
      handle.Set<CURLOPT_DISALLOW_USERNAME_IN_URL>(1L),
      handle.Set<CURLOPT_NETRC>(static_cast<long>(CURL_NETRC_IGNORED)),
      // Empty, not null: null would ask the environment.
      handle.Set<CURLOPT_PROXY>(""),
      // No decompression, so that the size limit counts what is kept.
      handle.Set<CURLOPT_ACCEPT_ENCODING>(nullptr),

      handle.Set<CURLOPT_SSL_VERIFYPEER>(1L),
      handle.Set<CURLOPT_SSL_VERIFYHOST>(2L),
      handle.Set<CURLOPT_SSLVERSION>(static_cast<long>(CURL_SSLVERSION_TLSv1_2)),
      // The distribution sets it; libcurl would parse it for each connection.
      handle.Set<CURLOPT_CAINFO>(nullptr),
      // libcurl would take the first store that OnTlsContext() sets for its own, and set that again
      // for a day, after any other.
      handle.Set<CURLOPT_CA_CACHE_TIMEOUT>(0L),
      handle.Set<CURLOPT_SSL_CTX_FUNCTION>(&OnTlsContext),
      handle.Set<CURLOPT_SSL_CTX_DATA>(static_cast<void*>(&setup)),
      handle.Set<CURLOPT_SHARE>(setup.sessions.get()),

      handle.Set<CURLOPT_OPENSOCKETFUNCTION>(&OnOpenSocket),
      handle.Set<CURLOPT_OPENSOCKETDATA>(static_cast<void*>(&setup)),
      handle.Set<CURLOPT_CLOSESOCKETFUNCTION>(&OnCloseSocket),
      handle.Set<CURLOPT_CLOSESOCKETDATA>(static_cast<void*>(&setup)),
      handle.Set<CURLOPT_TCP_NODELAY>(1L),
      handle.Set<CURLOPT_TCP_KEEPALIVE>(1L),
      handle.Set<CURLOPT_TCP_KEEPIDLE>(30L),
      handle.Set<CURLOPT_TCP_KEEPINTVL>(10L),
      handle.Set<CURLOPT_BUFFERSIZE>(kReceiveBufferBytes),
      handle.Set<CURLOPT_UPLOAD_BUFFERSIZE>(kSendBufferBytes),

      SetConnectTimeout(handle, options.connect_timeout),
      handle.Set<CURLOPT_MAXLIFETIME_CONN>(kMaxConnectionAgeSeconds),
      // libcurl drops a connection that was idle for a whole second more than this.
      handle.Set<CURLOPT_MAXAGE_CONN>(
          static_cast<long>(absl::ToInt64Seconds(options.max_idle_time)) - 1),
      // Refuses at once what announces that it is too large; the rest is for whoever receives
      // the body.
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
  // libcurl takes a kept connection or session where its handle had the same settings. One of
  // them is the directory of further authorities, which thus can be the store's name. None can be
  // there, as /dev/null is no directory: libcurl does add it to the store that OnTlsContext() sets.
  const std::string name = absl::StrCat("/dev/null/trust-store-", setup.trust_store->id());
  const absl::Status results[] = {
      handle.Set<CURLOPT_CAPATH>(name.c_str()),
      handle.Set<CURLOPT_SSL_SESSIONID_CACHE>(1L),
      handle.Set<CURLOPT_FORBID_REUSE>(0L),
  };
  for (const absl::Status& result : results) {
    if (!result.ok()) return result;
  }
  return absl::OkStatus();
}

absl::Status OutliveTrustStore(CurlHandle& handle) {
  const absl::Status status = handle.Set<CURLOPT_SSL_SESSIONID_CACHE>(0L);
  return status.ok() ? handle.Set<CURLOPT_FORBID_REUSE>(1L) : status;
}

}  // namespace uid2
