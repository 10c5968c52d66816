// SPDX-License-Identifier: Apache-2.0

#include "server/app/listener.h"

#include <grpc/grpc.h>
#include <grpcpp/resource_quota.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/config/listen_address.h"

namespace uid2 {
namespace {

// A request contains an email or an identity of at most 16 KiB; a response contains one identity.
constexpr int kMaxRequestBytes = 64 << 10;
constexpr int kMaxResponseBytes = 256 << 10;

// If a header block is larger, gRPC 1.51 closes the connection, with all other calls on it.
constexpr int kMaxMetadataBytes = 16 << 10;

// How often a client may ping, with calls in flight or without. gRPC clients can be configured to
// ping every 10 s, but by default gRPC 1.51 closes connections that ping more often than every 5
// minutes, with the calls on them. Each ping that comes sooner is a strike; after the last one, the
// connection is closed.
constexpr int kMinPingIntervalMs = 5'000;
constexpr int kMaxPingStrikes = 2;

int Millis(absl::Duration duration) {
  return static_cast<int>(absl::ToInt64Milliseconds(duration));
}

void LimitMessages(grpc::ServerBuilder& builder) {
  builder.SetMaxReceiveMessageSize(kMaxRequestBytes);
  builder.SetMaxSendMessageSize(kMaxResponseBytes);
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, kMaxMetadataBytes);
  // A megabyte of gzip could expand to a gigabyte before the size limit is checked.
  builder.AddChannelArgument(GRPC_ARG_ENABLE_PER_MESSAGE_DECOMPRESSION, 0);
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_DEFLATE, false);
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_GZIP, false);
}

void LimitMemory(const ClientConnectionOptions& options, grpc::ServerBuilder& builder) {
  // They cost each call a timer and 256 bytes. RawCall ends calls before their deadlines, and
  // callers end their streams; for those that do not, see docs/known-limits.md.
  builder.AddChannelArgument(GRPC_ARG_ENABLE_DEADLINE_CHECKS, 0);
  grpc::ResourceQuota quota("identity_server");
  quota.Resize(static_cast<size_t>(options.memory_quota_bytes));
  builder.SetResourceQuota(quota);
}

void LimitConnections(const ClientConnectionOptions& options, grpc::ServerBuilder& builder) {
  // If this were on, a second process could bind to the same port and silently take half the calls.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, options.max_concurrent_streams);
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS,
                             Millis(options.handshake_timeout));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS, Millis(options.max_connection_age));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS,
                             Millis(options.max_connection_age_grace));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, Millis(options.max_connection_idle));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, Millis(options.keepalive_time));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, Millis(options.keepalive_timeout));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                             kMinPingIntervalMs);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PING_STRIKES, kMaxPingStrikes);
}

}  // namespace

Listener::Listener(const Options& options) : address_(options.address) {
  LimitMessages(builder_);
  LimitConnections(options.connections, builder_);
  LimitMemory(options.connections, builder_);
  builder_.AddListeningPort(address_, options.credentials, &port_);
}

std::unique_ptr<grpc::ServerCompletionQueue> Listener::AddCompletionQueue() {
  return builder_.AddCompletionQueue();
}

void Listener::Register(UnaryService& service) {
  builder_.RegisterService(&service);
  unary_services_.push_back(&service);
}

void Listener::Register(grpc::AsyncGenericService& service) {
  builder_.RegisterAsyncGenericService(&service);
}

absl::Status Listener::Start() {
  server_ = builder_.BuildAndStart();
  if (port_ == 0) server_.reset();
  if (server_ == nullptr) {
    return absl::UnavailableError(ExplainListenFailure(address_));
  }
  for (UnaryService* const service : unary_services_) service->Bind(*server_);
  address_ = WithPort(address_, port_);
  return absl::OkStatus();
}

void Listener::Shutdown() {
  // Without a deadline, because gRPC would take one for a civil time.
  server_->Shutdown();
}

void Listener::CancelAllCalls() {
  // grpc::Server itself cancels calls only at a deadline that is fixed when Shutdown() begins. By
  // then it is not known how long the last call will take.
  grpc_server_cancel_all_calls(server_->c_server());
}

}  // namespace uid2
