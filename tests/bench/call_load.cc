// SPDX-License-Identifier: Apache-2.0

#include "tests/bench/call_load.h"

#include <grpcpp/alarm.h>
#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/channel_arguments.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <thread>
#include <utility>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "tests/bench/check.h"
#include "tests/bench/mutual_tls.h"
#include "tests/bench/pace_timer.h"

namespace uid2::bench {
namespace {

using Clock = Measurement::Clock;

// Parsing every reply would make the load generator the bottleneck.
constexpr uint64_t kParsedReplies = 32;

absl::string_view CodeName(grpc::StatusCode code) {
  static constexpr const char* kNames[] = {"",
                                           "CANCELLED",
                                           "UNKNOWN",
                                           "INVALID_ARGUMENT",
                                           "DEADLINE_EXCEEDED",
                                           "NOT_FOUND",
                                           "ALREADY_EXISTS",
                                           "PERMISSION_DENIED",
                                           "RESOURCE_EXHAUSTED",
                                           "FAILED_PRECONDITION",
                                           "ABORTED",
                                           "OUT_OF_RANGE",
                                           "UNIMPLEMENTED",
                                           "INTERNAL",
                                           "UNAVAILABLE",
                                           "DATA_LOSS",
                                           "UNAUTHENTICATED"};
  const auto number = static_cast<size_t>(code);
  return number < std::size(kNames) ? kNames[number] : "OTHER";
}

}  // namespace

struct CallLoad::Call {
  // A ClientContext cannot be reused for another call.
  absl::optional<grpc::ClientContext> context;
  std::unique_ptr<grpc::ClientAsyncResponseReader<grpc::ByteBuffer>> reader;
  grpc::ByteBuffer reply;
  grpc::Status status;
  uint64_t number = 0;
  Clock::time_point began;
};

CallLoad::CallLoad(const CallLoadOptions& options)
    : options_(options), method_(MethodNamed(options.method)) {
  const std::shared_ptr<grpc::ChannelCredentials> credentials = ClientSide(options.certificates);
  for (int i = 0; i < options.channels; ++i) {
    grpc::ChannelArguments arguments;
    // Otherwise, channels to the same address share a connection.
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    stubs_.push_back(std::make_unique<grpc::GenericStub>(
        grpc::CreateCustomChannel(options.target, credentials, arguments)));
  }
  for (int i = 0; i < options.in_flight; ++i) calls_.push_back(std::make_unique<Call>());
}

CallLoad::~CallLoad() {
  queue_.Shutdown();
  void* tag;
  bool ok;
  while (queue_.Next(&tag, &ok)) {
  }
}

void CallLoad::RunClosed(Measurement& measurement) {
  size_t under_way = 0;
  for (const auto& call : calls_) {
    if (begun_ == options_.calls) break;
    Begin(*call, Clock::now());
    ++under_way;
  }
  while (under_way > 0) {
    void* tag = nullptr;
    bool ok = false;
    Check(queue_.Next(&tag, &ok), "the completion queue has ended");
    Call& call = *static_cast<Call*>(tag);
    End(call, measurement);
    if (measurement.over() || begun_ == options_.calls) {
      --under_way;
    } else {
      Begin(call, Clock::now());
    }
  }
}

void CallLoad::RunOpen(double rate, Measurement& measurement) {
  {
    absl::MutexLock lock(&mutex_);
    for (const auto& call : calls_) idle_.push_back(call.get());
  }
  grpc::Alarm paced;
  std::thread pacer([&] {
    Pace(rate, measurement.end());
    paced.Set(&queue_, gpr_now(GPR_CLOCK_MONOTONIC), nullptr);
  });
  for (bool pacing = true; pacing || UnderWay() > 0;) {
    void* tag = nullptr;
    bool ok = false;
    Check(queue_.Next(&tag, &ok), "the completion queue has ended");
    if (tag == nullptr) {
      pacing = false;
      continue;
    }
    Call& call = *static_cast<Call*>(tag);
    End(call, measurement);
    absl::MutexLock lock(&mutex_);
    idle_.push_back(&call);
  }
  pacer.join();
  absl::MutexLock lock(&mutex_);
  measurement.RecordMissed(missed_);
}

void CallLoad::Pace(double rate, Clock::time_point end) {
  PaceTimer timer(rate);
  int64_t fired = 0;
  while (Clock::now() < end) {
    for (int64_t due = timer.Wait(); due > 0; --due) {
      ++fired;
      Call* const call = TakeIdle();
      // The latency counts from when the call was due: a server, or a load generator, that stalls
      // would else hide its stall from all calls but those in flight.
      if (call != nullptr) Begin(*call, timer.Due(fired));
    }
  }
}

CallLoad::Call* CallLoad::TakeIdle() {
  absl::MutexLock lock(&mutex_);
  if (idle_.empty()) {
    ++missed_;
    return nullptr;
  }
  Call* const call = idle_.back();
  idle_.pop_back();
  return call;
}

size_t CallLoad::UnderWay() {
  absl::MutexLock lock(&mutex_);
  return calls_.size() - idle_.size();
}

void CallLoad::Begin(Call& call, Clock::time_point due) {
  call.number = begun_++;
  call.began = due;
  call.context.emplace();
  call.context->set_deadline(std::chrono::system_clock::now() + options_.deadline);
  call.reader = stubs_[call.number % stubs_.size()]->PrepareUnaryCall(
      &*call.context, method_.path, method_.request(call.number), &queue_);
  call.reader->StartCall();
  call.reader->Finish(&call.reply, &call.status, &call);
}

void CallLoad::End(Call& call, Measurement& measurement) {
  absl::string_view error = CodeName(call.status.error_code());
  if (error.empty() && call.number % kParsedReplies == 0 && !method_.is_issued(call.reply)) {
    error = "NOT_ISSUED";
  }
  if (!error.empty() && !failed_) {
    failed_ = true;
    std::fprintf(stderr, "the first call that failed: %s: %s\n", std::string(error).c_str(),
                 call.status.error_message().c_str());
  }
  measurement.Record(call.began, Clock::now(), error);
  call.reply.Clear();
}

}  // namespace uid2::bench
