// SPDX-License-Identifier: Apache-2.0

#ifndef TESTS_RPC_STREAMS_SERVER_H_
#define TESTS_RPC_STREAMS_SERVER_H_

#include <grpcpp/channel.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "server/call/system_clock.h"
#include "server/rpc/admission.h"
#include "server/rpc/caller.h"
#include "server/rpc/caller_cache.h"
#include "server/rpc/caller_list.h"
#include "server/rpc/health.h"
#include "server/rpc/monotonic_latch.h"
#include "server/rpc/open_streams.h"
#include "server/rpc/stream_methods.h"
#include "server/telemetry/metrics.h"
#include "tests/fakes/recording_call_log.h"

namespace uid2::testing {

// A StreamMethods behind a real gRPC server on a free port.
class StreamsServer {
 public:
  // What a test's methods may need.
  struct Parts {
    Health& health;
    Admission& admission;
    Metrics& metrics;
  };
  using MakeMethods = std::function<std::vector<StreamMethod>(Parts)>;

  // If there are no `callers`, they are not authenticated.
  explicit StreamsServer(const MakeMethods& make_methods, OpenStreams::Options limits = {},
                         const std::vector<CallerEntry>& callers = {},
                         const std::shared_ptr<grpc::ServerCredentials>& credentials =
                             grpc::InsecureServerCredentials())
      : list_(callers, 1), open_streams_(limits) {
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", credentials, &port);
    builder.RegisterAsyncGenericService(&service_);
    thread_ = std::make_unique<CompletionThread>(builder.AddCompletionQueue());
    environment_.reset(new CallEnvironment{*thread_, clock_, admission_, callers_, log_,
                                           DeadlineOptions(), methods_over_});
    streams_ = std::make_unique<StreamMethods>(
        StreamMethods::Shared{service_, open_streams_, health_, streams_over_},
        make_methods({health_, admission_, metrics_}), *environment_, metrics_);
    server_ = builder.BuildAndStart();
    streams_->Start();
    thread_->Start();
    address_ = absl::StrCat("127.0.0.1:", port);
    channel_ = NewChannel();
  }

  ~StreamsServer() { Stop(); }

  // Cuts the calls in progress, and returns when the last one is over.
  void Stop() {
    if (server_ == nullptr) return;
    server_->Shutdown(std::chrono::system_clock::now());
    (void)streams_over_.Await(absl::InfiniteDuration());
    streams_->Close();
    thread_->Stop();
    server_.reset();
  }

  // Returns once this many streams count as open.
  void AwaitOpen(int count) const {
    while (open_streams_.open() != count) std::this_thread::yield();
  }

  // Makes a unary call with bytes that are not interpreted.
  grpc::Status Send(const std::string& path, const std::string& request) {
    grpc::GenericStub stub(channel_);
    grpc::ClientContext context;
    const grpc::Slice slice(request);
    const grpc::ByteBuffer bytes(&slice, 1);
    grpc::ByteBuffer response;
    grpc::Status status;
    absl::Notification done;
    stub.UnaryCall(&context, path, grpc::StubOptions(), &bytes, &response,
                   [&](grpc::Status result) {
                     status = std::move(result);
                     done.Notify();
                   });
    done.WaitForNotification();
    return status;
  }

  // A channel with a connection of its own.
  std::shared_ptr<grpc::Channel> NewChannel() const {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    return grpc::CreateCustomChannel(address_, grpc::InsecureChannelCredentials(), arguments);
  }

  const std::string& address() const { return address_; }
  // Does not authenticate its client.
  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }
  Health& health() { return health_; }
  Admission& admission() { return admission_; }
  StreamMethods& streams() { return *streams_; }
  const RecordingCallLog& log() const { return log_; }
  const Metrics& metrics() const { return metrics_; }

 private:
  SystemClock clock_;
  Metrics metrics_;
  Health health_{{"a.Service"}};
  Admission admission_{2048};
  const CallerList list_;
  CallerCache callers_{list_};
  OpenStreams open_streams_;
  RecordingCallLog log_;
  MonotonicLatch methods_over_{1};
  MonotonicLatch streams_over_{1};
  grpc::AsyncGenericService service_;
  std::unique_ptr<CompletionThread> thread_;
  std::unique_ptr<CallEnvironment> environment_;
  std::unique_ptr<StreamMethods> streams_;
  std::unique_ptr<grpc::Server> server_;
  std::string address_;
  std::shared_ptr<grpc::Channel> channel_;
};

}  // namespace uid2::testing

#endif  // TESTS_RPC_STREAMS_SERVER_H_
