// SPDX-License-Identifier: Apache-2.0

#include "tests/load/caller.h"

#include <grpcpp/alarm.h>
#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/channel_arguments.h>

#include <algorithm>
#include <cstdio>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/bench/check.h"
#include "tests/load/answer.h"

namespace uid2::load {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

// No retries, so that every answer of the service is seen. A draining replica is recognized by its
// health status.
constexpr char kServiceConfig[] =
    R"({"loadBalancingConfig": [{"round_robin": {}}], "healthCheckConfig": {"serviceName": ""}})";

// A client looks its name up again whenever a connection ends, but no more often than this. gRPC's
// default of 30 s suits connections that last for minutes. In tests they last for a second.
constexpr int kBetweenLookupsMs = 100;

// Short, to find a restarted server quickly. The connection timeout is long, for slow servers.
constexpr int kReconnectMs = 100;
constexpr int kConnectTimeoutMs = 10'000;

// Maximum number of identities kept per participant; far more than are refreshed concurrently.
constexpr size_t kIdentitiesKept = 4096;

constexpr int64_t kLatestCancelMs = 200;
constexpr int64_t kLongestHasteMs = 300;

grpc::ChannelArguments Arguments(bool plain, const std::string& service_config) {
  grpc::ChannelArguments arguments;
  // Otherwise, channels to the same address share a connection.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  // Targets that are addresses are not looked up at all.
  arguments.SetInt(GRPC_ARG_DNS_MIN_TIME_BETWEEN_RESOLUTIONS_MS, kBetweenLookupsMs);
  if (!service_config.empty()) arguments.SetServiceConfigJSON(service_config);
  if (plain) return arguments;
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kReconnectMs);
  // Despite its name, this is the connection timeout.
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kConnectTimeoutMs);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kReconnectMs);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  if (service_config.empty()) arguments.SetServiceConfigJSON(kServiceConfig);
  return arguments;
}

long long Micros(Caller::Clock::duration duration) {
  return std::chrono::duration_cast<microseconds>(duration).count();
}

}  // namespace

struct Caller::Call {
  virtual ~Call() = default;
  virtual void Start(identity::v1::IdentityService::Stub& stub, grpc::CompletionQueue& queue) = 0;
  virtual std::string Answer() const = 0;
  // The identity in the response, or null.
  virtual const identity::v1::Identity* identity() const = 0;

  uint64_t number = 0;
  const char* method = "";
  const char* manner = "plain";
  std::string participant;
  Clock::time_point due;
  Clock::time_point began;
  grpc::ClientContext context;
  grpc::Status status;
};

struct Caller::GenerateCall final : Call {
  void Start(identity::v1::IdentityService::Stub& stub, grpc::CompletionQueue& queue) override {
    reader = stub.AsyncGenerateIdentity(&context, request, &queue);
    reader->Finish(&response, &status, this);
  }
  std::string Answer() const override { return AnswerOf(status, response); }
  const identity::v1::Identity* identity() const override {
    return status.ok() && response.has_identity() ? &response.identity() : nullptr;
  }

  identity::v1::GenerateIdentityRequest request;
  identity::v1::GenerateIdentityResponse response;
  std::unique_ptr<grpc::ClientAsyncResponseReader<identity::v1::GenerateIdentityResponse>> reader;
};

struct Caller::RefreshCall final : Call {
  void Start(identity::v1::IdentityService::Stub& stub, grpc::CompletionQueue& queue) override {
    reader = stub.AsyncRefreshIdentity(&context, request, &queue);
    reader->Finish(&response, &status, this);
  }
  std::string Answer() const override { return AnswerOf(status, response); }
  const identity::v1::Identity* identity() const override {
    return status.ok() && response.has_identity() ? &response.identity() : nullptr;
  }

  identity::v1::RefreshIdentityRequest request;
  identity::v1::RefreshIdentityResponse response;
  std::unique_ptr<grpc::ClientAsyncResponseReader<identity::v1::RefreshIdentityResponse>> reader;
};

Caller::Caller(const std::string& target, int channels, bool plain,
               const std::string& service_config, std::vector<std::string> participants,
               uint64_t seed)
    : participants_(std::move(participants)), random_(seed) {
  for (int i = 0; i < channels; ++i) {
    const std::shared_ptr<grpc::Channel> channel = grpc::CreateCustomChannel(
        target, grpc::InsecureChannelCredentials(), Arguments(plain, service_config));
    bench::Check(channel->WaitForConnected(std::chrono::system_clock::now() +
                                           milliseconds(kConnectTimeoutMs)),
                 "cannot connect to any replica");
    stubs_.push_back(identity::v1::IdentityService::NewStub(channel));
  }
}

Caller::~Caller() {
  queue_.Shutdown();
  void* tag;
  bool ok;
  while (queue_.Next(&tag, &ok)) {
  }
}

bool Caller::Draw(double share) { return std::uniform_real_distribution<>()(random_) < share; }

std::string Caller::IdentityToRefresh(const std::string& participant, bool same) {
  absl::MutexLock lock(&mutex_);
  Identities& known = identities_[participant];
  if (known.json.empty()) return "";
  if (same) return known.json.front();
  known.next = (known.next + 1) % known.json.size();
  return known.json[known.next];
}

void Caller::Keep(const std::string& participant, const std::string& identity_json) {
  absl::MutexLock lock(&mutex_);
  Identities& known = identities_[participant];
  if (known.json.size() < kIdentitiesKept) known.json.push_back(identity_json);
}

std::unique_ptr<Caller::Call> Caller::MakeCall(const Mix& mix, const std::string& participant) {
  if (Draw(mix.refresh)) {
    std::string identity = IdentityToRefresh(participant, Draw(mix.same));
    if (!identity.empty()) {
      auto call = std::make_unique<RefreshCall>();
      call->method = "refresh";
      call->request.set_identity_json(std::move(identity));
      call->request.set_participant(participant);
      call->request.set_force(mix.force);
      return call;
    }
  }
  auto call = std::make_unique<GenerateCall>();
  call->method = "generate";
  call->request.set_email(absl::StrCat("user.", begun_, "@example.com"));
  call->request.set_participant(participant);
  return call;
}

void Caller::Begin(const Mix& mix, Clock::time_point due) {
  const std::string& participant = participants_[begun_ % participants_.size()];
  std::unique_ptr<Call> made = MakeCall(mix, participant);
  Call& call = *made;
  call.number = begun_++;
  call.participant = participant;
  call.due = due;
  milliseconds deadline = mix.deadline;
  if (Draw(mix.cancel)) {
    call.manner = "cancel";
    const milliseconds after(std::uniform_int_distribution<int64_t>(0, kLatestCancelMs)(random_));
    cancellations_.push({Clock::now() + after, call.number});
  } else if (Draw(mix.hasty)) {
    call.manner = "hasty";
    deadline = milliseconds(std::uniform_int_distribution<int64_t>(1, kLongestHasteMs)(random_));
  }
  call.context.set_deadline(std::chrono::system_clock::now() + deadline);
  {
    absl::MutexLock lock(&mutex_);
    under_way_.emplace(call.number, std::move(made));
  }
  // Do not touch the call after Start(): it may have been destroyed.
  call.began = Clock::now();
  call.Start(*stubs_[call.number % stubs_.size()], queue_);
}

void Caller::CancelDue() {
  const Clock::time_point now = Clock::now();
  while (!cancellations_.empty() && cancellations_.top().time <= now) {
    absl::MutexLock lock(&mutex_);
    const auto found = under_way_.find(cancellations_.top().number);
    if (found != under_way_.end()) found->second->context.TryCancel();
    cancellations_.pop();
  }
}

void Caller::End() {
  // Delivers a null tag to RunAnswers().
  static grpc::Alarm& ended = *new grpc::Alarm;
  ended.Set(&queue_, gpr_now(GPR_CLOCK_MONOTONIC), nullptr);
}

void Caller::RunAnswers() {
  bool ended = false;
  void* tag = nullptr;
  bool ok = false;
  while (queue_.Next(&tag, &ok)) {
    std::unique_ptr<Call> call;
    bool last = false;
    if (tag == nullptr) {
      ended = true;
      absl::MutexLock lock(&mutex_);
      last = under_way_.empty();
    } else {
      absl::MutexLock lock(&mutex_);
      const auto found = under_way_.find(static_cast<Call*>(tag)->number);
      call = std::move(found->second);
      under_way_.erase(found);
      last = ended && under_way_.empty();
    }
    if (call != nullptr) {
      Print(*call, call->Answer());
      if (call->identity() != nullptr) Keep(call->participant, call->identity()->json());
      ++answered_;
    }
    if (last) return;
  }
}

void Caller::Print(const Call& call, absl::string_view answer) const {
  const std::string line = absl::StrCat(
      Micros(call.began.time_since_epoch()), " ", Micros(call.began - call.due), " ",
      Micros(Clock::now() - call.began), " ", call.method, " ", call.manner, " ", answer, "\n");
  std::fwrite(line.data(), 1, line.size(), stdout);
}

}  // namespace uid2::load
