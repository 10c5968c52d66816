// SPDX-License-Identifier: Apache-2.0

#include <fcntl.h>
#include <grpcpp/create_channel.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/app/readiness.h"
#include "server/app/server.h"
#include "server/call/system_clock.h"
#include "server/event/file_descriptor.h"
#include "server/operator/operator_credentials.h"
#include "server/secrets/credentials_folder.h"
#include "server/telemetry/metrics.h"
#include "tests/fakes/gate.h"
#include "tests/fakes/mounted_secret.h"
#include "tests/fakes/recording_call_log.h"
#include "tests/fakes/recording_event_log.h"
#include "tests/fakes/scripted_server.h"
#include "uid2/identity/v1/identity_service.grpc.pb.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using ::testing::IsEmpty;
using ::testing::Not;
using uid2::testing::Gate;
using uid2::testing::MountedSecret;
using uid2::testing::RecordingCallLog;
using uid2::testing::RecordingEventLog;
using uid2::testing::ReplyText;
using uid2::testing::Script;
using uid2::testing::ScriptedServer;
namespace v1 = identity::v1;

constexpr size_t kSecretSize = 32;
constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// The test itself must not have the secret in its memory, so it computes one byte at a time. The
// compiler must not compute them all in advance.
volatile unsigned seed = 73;

unsigned char SecretByte(size_t i) {
  return static_cast<unsigned char>((i * i * seed + 41 * i + 7) ^ (seed << 1));
}

// The base64 of the secret.
unsigned char SecretCharacter(size_t i) {
  const size_t first = i / 4 * 3;
  unsigned bits = 0;
  for (size_t k = 0; k < 3; ++k) {
    bits = bits << 8 | (first + k < kSecretSize ? SecretByte(first + k) : 0);
  }
  return static_cast<unsigned char>(kDigits[bits >> (18 - 6 * (i % 4)) & 63]);
}

// Where the secret is in the memory that this process can write, in binary or in base64.
class MemoryScan {
 public:
  MemoryScan()
      : memory_(open("/proc/self/mem", O_RDONLY | O_CLOEXEC)),
        buffer_(static_cast<unsigned char*>(mmap(nullptr, kBufferSize, PROT_READ | PROT_WRITE,
                                                 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))) {}
  ~MemoryScan() { munmap(buffer_, kBufferSize); }

  MemoryScan(const MemoryScan&) = delete;
  MemoryScan& operator=(const MemoryScan&) = delete;

  // One line of text for each place.
  std::vector<std::string> Occurrences() {
    std::vector<std::string> found;
    std::ifstream maps("/proc/self/maps");
    for (std::string line; std::getline(maps, line);) {
      uint64_t begin;
      uint64_t end;
      char access[5];
      if (std::sscanf(line.c_str(), "%" SCNx64 "-%" SCNx64 " %4s", &begin, &end, access) != 3) {
        continue;
      }
      const auto own = reinterpret_cast<uint64_t>(buffer_);
      // A region that large is a sanitizer's shadow. The kernel may have merged the buffer's with
      // others.
      if (access[1] != 'w' || end - begin > kMaxRegion) continue;
      if (begin <= own && own < end) {
        Search(begin, own, line, found);
        Search(own + kBufferSize, end, line, found);
      } else {
        Search(begin, end, line, found);
      }
    }
    explicit_bzero(buffer_, kBufferSize);
    return found;
  }

 private:
  static constexpr size_t kBufferSize = 1 << 20;
  static constexpr uint64_t kMaxRegion = uint64_t{1} << 31;

  void Search(uint64_t begin, uint64_t end, const std::string& region,
              std::vector<std::string>& found) {
    while (begin + kSecretSize < end) {
      const ssize_t size = pread(memory_.get(), buffer_, std::min(end - begin, kBufferSize),
                                 static_cast<off_t>(begin));
      if (size < static_cast<ssize_t>(kSecretSize)) break;
      const auto count = static_cast<size_t>(size);
      for (size_t i = 0; i + kSecretSize <= count; ++i) {
        const bool binary = Is(buffer_ + i, &SecretByte);
        if (!binary && !Is(buffer_ + i, &SecretCharacter)) continue;
        found.push_back(absl::StrCat(binary ? "binary" : "base64", " at ", absl::Hex(begin + i),
                                     " in ", region));
      }
      // The next part overlaps this one.
      begin += count - (kSecretSize - 1);
    }
  }

  static bool Is(const unsigned char* bytes, unsigned char (*expected)(size_t)) {
    for (size_t i = 0; i < kSecretSize; ++i) {
      if (bytes[i] != expected(i)) return false;
    }
    return true;
  }

  const FileDescriptor memory_;
  unsigned char* const buffer_;
};

TEST(CredentialsMemoryTest, AClientSecretIsGoneOnceTheLastCallThatUsesItHasEnded) {
  MemoryScan memory;
  ASSERT_THAT(memory.Occurrences(), IsEmpty());
  MountedSecret secret(std::filesystem::path(::testing::TempDir()) / "mounted");
  secret.Mount("old-key", "");
  {
    const FileDescriptor file(
        open((secret.folder() + "/client_secret").c_str(), O_WRONLY | O_CLOEXEC));
    for (size_t i = 0; i < 44; ++i) {
      const unsigned char character = i < 43 ? SecretCharacter(i) : '=';
      ASSERT_THAT(write(file.get(), &character, 1), Eq(1));
    }
  }
  Gate gate;
  ScriptedServer upstream([&gate](const ScriptedServer::Request&) {
    return Script().WaitFor(gate).Send(ReplyText(401, "{}"));
  });
  SystemClock clock;
  Metrics metrics;
  Readiness readiness(metrics);
  RecordingCallLog calls;
  RecordingEventLog events;
  Configuration configuration;
  configuration.listen_address = "127.0.0.1:0";
  configuration.deadlines.max_call_time = absl::Seconds(60);
  configuration.http.request_timeout = absl::Seconds(60);
  {
    CredentialsFolder folder = CredentialsFolder::Read(secret.folder());
    ASSERT_TRUE(folder.credentials.has_value());
    configuration.participants.push_back({"brand",
                                          {upstream.Url("")},
                                          DiiPolicy::kStrict,
                                          *OperatorCredentials::New(*std::move(folder.credentials)),
                                          Scope::kUid2,
                                          secret.folder(),
                                          folder.stamps});
  }
  auto server = Server::Start(std::move(configuration), clock, metrics, readiness, calls, events);
  ASSERT_TRUE(server.ok()) << server.status();
  const auto stub = v1::IdentityService::NewStub(
      grpc::CreateChannel((*server)->address(), grpc::InsecureChannelCredentials()));
  std::thread call([&stub] {
    grpc::ClientContext context;
    v1::GenerateIdentityRequest request;
    request.set_phone("+12345678901");
    v1::GenerateIdentityResponse response;
    EXPECT_THAT(stub->GenerateIdentity(&context, request, &response).error_code(),
                Eq(grpc::StatusCode::FAILED_PRECONDITION));
  });
  EXPECT_TRUE(upstream.AwaitRequests(1));
  secret.Mount("new-key", MountedSecret::ClientSecret('n'));
  EXPECT_THAT(events.Await("are in use"),
              Eq("participant brand: the changed credentials are in use"));
  // The call still needs it.
  EXPECT_THAT(memory.Occurrences(), Not(IsEmpty()));
  gate.Open();
  call.join();
  // What the call leaves is released on another thread, soon after its answer.
  const absl::Time end = absl::Now() + absl::Seconds(10);
  while (!memory.Occurrences().empty() && absl::Now() < end) std::this_thread::yield();
  EXPECT_THAT(memory.Occurrences(), IsEmpty());
}

}  // namespace
}  // namespace uid2
