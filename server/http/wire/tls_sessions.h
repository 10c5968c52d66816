// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_HTTP_WIRE_TLS_SESSIONS_H_
#define SERVER_HTTP_WIRE_TLS_SESSIONS_H_

#include <openssl/ssl.h>

#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"

namespace uid2 {

// The newest TLS session with each origin, for the next connection to resume. A resumed session
// does not verify the peer's certificate again, so sessions of one TlsSessions must all have been
// verified against the same trust store, and an origin must name the host. Thread-safe.
class TlsSessions {
 public:
  // A reference to a session that is shared.
  struct Free {
    void operator()(SSL_SESSION* session) const { SSL_SESSION_free(session); }
  };
  using Session = std::unique_ptr<SSL_SESSION, Free>;

  TlsSessions() = default;
  TlsSessions(const TlsSessions&) = delete;
  TlsSessions& operator=(const TlsSessions&) = delete;

  void Keep(absl::string_view origin, Session session) ABSL_LOCKS_EXCLUDED(mutex_);

  // Null if there is none that can be resumed. The session remains for others, too: servers that
  // want each of them used once make a full handshake the second time.
  Session Newest(absl::string_view origin) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  absl::Mutex mutex_;
  // Origins come from the configuration, so there are few.
  absl::flat_hash_map<std::string, Session> newest_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace uid2

#endif  // SERVER_HTTP_WIRE_TLS_SESSIONS_H_
