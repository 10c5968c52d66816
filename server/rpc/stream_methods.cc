// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/stream_methods.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/status/reason.h"
#include "server/telemetry/method_metrics.h"

namespace uid2 {
namespace {

// The number of calls that gRPC may deliver before the queue's thread asks for more.
constexpr int kListeners = 8;

// Limits the memory that is kept after a burst of calls.
constexpr size_t kMaxIdleCalls = 64;

// What all clients that are not on the list of callers may have of the open streams, together. They
// may watch health, but not keep callers on the list from that. The name is that of no caller.
constexpr double kMaxShareOfUnlisted = 0.25;
constexpr char kUnlisted[] = "not on the list";

// What one caller may have of them, so that others can watch health, too. Its share of the calls
// does not matter: it may have many connections with few calls, and each needs a health watch.
constexpr double kMaxShareOfCaller = 0.7;

absl::Status Admit(OpenStreams& streams, const Caller& caller, OpenStreams::Client& client) {
  if (caller.entry == nullptr) {
    client.caller = kUnlisted;
    return streams.Enter(client, kMaxShareOfUnlisted);
  }
  client.caller = caller.share;
  // Clients that are not authenticated count as one caller.
  return streams.Enter(client, caller.name().empty() ? 1 : kMaxShareOfCaller);
}

// Names that callers send must not become labels or reach the log.
constexpr char kUnknown[] = "unknown";

StreamMethod UnknownMethod(Metrics& metrics) {
  StreamMethod method;
  method.name = kUnknown;
  method.metrics = MethodMetrics::In(metrics, kUnknown, kUnknown);
  method.handle = [](StreamCall& call) {
    call.Finish(MakeError(identity::v1::METHOD_UNKNOWN,
                          "this server has no such method; check the names of the method and of "
                          "its service, and the versions of client and server"));
    return nullptr;
  };
  return method;
}

}  // namespace

// By value: the methods are moved out one by one.
// NOLINTNEXTLINE(performance-unnecessary-value-param)
StreamMethods::StreamMethods(const Shared& shared, std::vector<StreamMethod> methods,
                             const CallEnvironment& environment, Metrics& metrics)
    : shared_(shared),
      environment_(environment),
      unknown_(UnknownMethod(metrics)),
      wakeup_(environment.thread, [this] { Changed(); }),
      health_subscription_(shared.health.Subscribe([this] { wakeup_.Ring(); })) {
  for (StreamMethod& method : methods) {
    methods_.emplace(absl::StrCat("/", method.name), std::move(method));
  }
}

StreamMethods::~StreamMethods() { shared_.health.Unsubscribe(health_subscription_); }

void StreamMethods::Start() {
  for (int i = 0; i < kListeners; ++i) Listen();
}

void StreamMethods::Drain() {
  draining_ = true;
  wakeup_.Ring();
}

void StreamMethods::Close() { wakeup_.Close(); }

void StreamMethods::Changed() {
  for (const auto& [call, client] : open_calls_) {
    call->Changed();
    if (draining_) call->Drain();
  }
}

void StreamMethods::Listen() {
  ++calls_;
  std::unique_ptr<StreamCall> call;
  if (idle_.empty()) {
    StreamCall::Owner& owner = *this;
    call = std::make_unique<StreamCall>(owner, environment_);
  } else {
    call = std::move(idle_.back());
    idle_.pop_back();
  }
  // Owned by the completion queue until Recycle() takes it back.
  call.release()->Start();
}

void StreamMethods::Request(grpc::GenericServerContext& context, StreamCall::Stream& stream,
                            CompletionTag& tag) {
  shared_.service.RequestCall(&context, &stream, &environment_.thread.queue(),
                              &environment_.thread.queue(), &tag);
}

void StreamMethods::Arrived(StreamCall& call) {
  if (environment_.thread.open()) Listen();
  const auto found = methods_.find(call.path());
  const StreamMethod& method = found == methods_.end() ? unknown_ : found->second;
  const absl::Status allowed = call.Begin(method);
  if (!allowed.ok()) return call.Finish(allowed);
  if (method.stays_open) {
    OpenStreams::Client client = {.connection = call.connection(), .caller = ""};
    const absl::Status admitted = Admit(shared_.open_streams, call.caller(), client);
    if (!admitted.ok()) return call.Finish(admitted);
    open_calls_.emplace(&call, std::move(client));
  }
  call.set_handler(method.handle(call));
  if (draining_) call.Drain();
}

void StreamMethods::Recycle(StreamCall* call) {
  std::unique_ptr<StreamCall> owned(call);
  const auto open = open_calls_.find(call);
  if (open != open_calls_.end()) {
    shared_.open_streams.Leave(open->second);
    open_calls_.erase(open);
  }
  if (idle_.size() < kMaxIdleCalls) idle_.push_back(std::move(owned));
  // A call that has arrived is replaced before it is handled, so that this is zero only after the
  // server's shutdown, when gRPC no longer delivers calls.
  if (--calls_ == 0) shared_.streams_over.CountDown();
}

}  // namespace uid2
