// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_HTTP_WIRE_CONNECTION_POOL_H_
#define SERVER_HTTP_WIRE_CONNECTION_POOL_H_

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "server/call/call_context.h"
#include "server/event/event_loop.h"
#include "server/event/file_descriptor.h"
#include "server/http/http_client_options.h"
#include "server/http/tls/trust_store.h"
#include "server/http/wire/byte_stream.h"
#include "server/http/wire/connection.h"
#include "server/http/wire/idle_connections.h"
#include "server/http/wire/origin.h"
#include "server/http/wire/shared_state.h"
#include "server/http/wire/tls_context.h"

namespace uid2 {

// All connections of a driver, idle or not: makes them, and closes the idle ones that are too old.
// Use it on the loop's thread only.
class ConnectionPool {
 public:
  using TimePoint = CallContext::TimePoint;

  // All references must outlive this object.
  ConnectionPool(const HttpClientOptions& options, std::shared_ptr<const TrustStore> trust_store,
                 EventLoop& loop, Connection::Owner& owner, SharedState& state);

  ConnectionPool(const ConnectionPool&) = delete;
  ConnectionPool& operator=(const ConnectionPool&) = delete;

  // A connection over `socket`, which is connected to `peer`, for the caller to Open(). Fails with
  // kInternal if OpenSSL does.
  absl::StatusOr<Connection*> Make(std::shared_ptr<Origin> origin, FileDescriptor socket,
                                   const std::string& peer, TimePoint now);

  // When `connection`, which becomes idle at `now`, must not be used any more; not after `now` if
  // it must not be kept. In the first case, it will be closed then.
  TimePoint UsableUntil(const Connection& connection, TimePoint now);

  // Verifies new connections against `trust_store` from now on, and closes the idle ones. The
  // others are not usable when they become idle.
  void ReplaceTrustStore(std::shared_ptr<const TrustStore> trust_store);

  // How many connections are idle.
  size_t idle() const { return state_.idle(); }

  // The connection must not be idle.
  void Close(Connection& connection);

  // Closes the idle connections to the peer of `connection` on which nothing was heard `since`.
  // They may be as dead as that one.
  void CloseSilent(const Connection& connection, TimePoint since);

  void CloseIdle();

 private:
  using Idle = IdleConnections::Idle;

  absl::StatusOr<std::unique_ptr<ByteStream>> StreamTo(const Origin& origin, FileDescriptor socket);
  void CloseOld(TimePoint now);
  void CloseIf(absl::FunctionRef<bool(const Origin&, const Idle&)> condition);

  const HttpClientOptions& options_;
  SharedState& state_;
  std::shared_ptr<const TrustStore> trust_store_;
  // Null until the first TLS connection under trust_store_.
  std::shared_ptr<TlsContext> tls_context_;
  // When an idle connection has to be closed.
  EventLoop::Alarm old_;
  std::vector<char> buffer_;
  const Connection::Shared shared_;
  std::vector<std::unique_ptr<Connection>> connections_;
};

}  // namespace uid2

#endif  // SERVER_HTTP_WIRE_CONNECTION_POOL_H_
