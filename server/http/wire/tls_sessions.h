// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_HTTP_WIRE_TLS_SESSIONS_H_
#define SERVER_HTTP_WIRE_TLS_SESSIONS_H_

#include <openssl/ssl.h>

#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/node_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"

namespace uid2 {

// The newest TLS session with each origin, for the next connection to resume. A resumed session
// does not verify the peer's certificate again, so all sessions in one object must have been
// verified against the same trust store, and for the origin's host. Thread-safe.
class TlsSessions {
 public:
  struct Free {
    void operator()(SSL_SESSION* session) const { SSL_SESSION_free(session); }
  };
  using Session = std::unique_ptr<SSL_SESSION, Free>;

  // For the sessions with one origin.
  class Slot {
   public:
    Slot() = default;
    Slot(const Slot&) = delete;
    Slot& operator=(const Slot&) = delete;

    void Keep(Session session) ABSL_LOCKS_EXCLUDED(mutex_);

    // A copy, because OpenSSL marks a TLS 1.3 session as used up once a connection has resumed it.
    // If many connections are opened at once, the server has not sent a session for each. That they
    // resume the same one tells an observer that they belong together, which their addresses tell
    // anyway. A server that accepts each session only once answers with a full handshake. Null if
    // there is none that can be resumed.
    Session Newest() ABSL_LOCKS_EXCLUDED(mutex_);

   private:
    absl::Mutex mutex_;
    Session newest_ ABSL_GUARDED_BY(mutex_);
  };

  TlsSessions() = default;
  TlsSessions(const TlsSessions&) = delete;
  TlsSessions& operator=(const TlsSessions&) = delete;

  // Valid as long as this object. Origins are never forgotten: they come from the configuration, so
  // there are few.
  Slot& Of(absl::string_view host, int port) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  absl::Mutex mutex_;
  absl::node_hash_map<std::string, Slot> slots_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace uid2

#endif  // SERVER_HTTP_WIRE_TLS_SESSIONS_H_
