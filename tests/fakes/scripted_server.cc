// SPDX-License-Identifier: Apache-2.0

#include "tests/fakes/scripted_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>

#include <cstdlib>
#include <utility>
#include <variant>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

namespace uid2::testing {
namespace {

// Far longer than anything takes on a busy machine: only a failing test waits this long.
constexpr absl::Duration kPatience = absl::Seconds(10);

void Require(bool done) {
  if (!done) std::abort();
}

size_t ContentLength(absl::string_view head) {
  constexpr absl::string_view kName = "\r\ncontent-length:";
  const std::string lower = absl::AsciiStrToLower(head);
  const size_t field = lower.find(kName.data());
  if (field == std::string::npos) return 0;
  const size_t value = field + kName.size();
  size_t length = 0;
  Require(absl::SimpleAtoi(lower.substr(value, lower.find("\r\n", value) - value), &length));
  return length;
}

}  // namespace

ScriptedServer::ScriptedServer(std::function<Script(const Request&)> script,
                               absl::optional<TestCertificate> certificate)
    : ScriptedServer(std::move(script), std::move(certificate), INADDR_LOOPBACK, 0) {}

ScriptedServer::ScriptedServer(std::function<Script(const Request&)> script,
                               const ScriptedServer& other)
    : ScriptedServer(std::move(script), absl::nullopt, INADDR_LOOPBACK + 1, other.port_) {}

ScriptedServer::ScriptedServer(std::function<Script(const Request&)> script,
                               absl::optional<TestCertificate> certificate, uint32_t ip, int port)
    : script_(std::move(script)),
      tls_(certificate.has_value() ? absl::make_optional<ServerTls>(*certificate) : absl::nullopt),
      listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(ip);
  address.sin_port = htons(static_cast<uint16_t>(port));
  socklen_t size = sizeof(address);
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  Require(listener_.valid() && bind(listener_.get(), any, size) == 0 &&
          listen(listener_.get(), 4096) == 0 && getsockname(listener_.get(), any, &size) == 0);
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { Accept(); });
}

ScriptedServer::~ScriptedServer() {
  ending_.Open();
  acceptor_.join();
  for (std::thread& connection : connections_) connection.join();
}

std::string ScriptedServer::Url(absl::string_view path) const {
  return absl::StrCat(tls_.has_value() ? "https" : "http", "://127.0.0.1:", port_, path);
}

void ScriptedServer::Accept() {
  for (;;) {
    pollfd sources[] = {{listener_.get(), POLLIN, 0}, {ending_.fd(), POLLIN, 0}};
    Require(poll(sources, 2, -1) > 0);
    if (sources[1].revents != 0) return;
    FileDescriptor accepted(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!accepted.valid()) continue;
    const int on = 1;
    Require(setsockopt(accepted.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) == 0);
    Count(&Counts::connections);
    connections_.emplace_back([this, socket = std::move(accepted)]() mutable {
      // OpenSSL writes without MSG_NOSIGNAL.
      sigset_t pipe;
      Require(sigemptyset(&pipe) == 0 && sigaddset(&pipe, SIGPIPE) == 0 &&
              pthread_sigmask(SIG_BLOCK, &pipe, nullptr) == 0);
      Serve(std::move(socket));
    });
  }
}

void ScriptedServer::Serve(FileDescriptor socket) {
  ServerStream stream(std::move(socket), tls_.has_value() ? &*tls_ : nullptr);
  if (!AwaitReadable(stream)) return;
  if (!stream.Handshake()) return Count(&Counts::peer_closes);
  if (stream.resumed()) Count(&Counts::resumed);
  std::string received;
  while (ServeOne(stream, received)) {
  }
}

bool ScriptedServer::ServeOne(ServerStream& stream, std::string& received) {
  const absl::optional<Request> request = ReadRequest(stream, received);
  if (!request.has_value()) return false;
  {
    absl::MutexLock lock(&mutex_);
    requests_.push_back(*request);
  }
  return Run(script_(*request), stream);
}

bool ScriptedServer::Run(const Script& script, ServerStream& stream) {
  for (const auto& step : script.steps_) {
    if (const auto* const bytes = std::get_if<std::string>(&step)) {
      if (stream.Write(*bytes)) continue;
      Count(&Counts::peer_closes);
      return false;
    }
    if (const auto* const repetition = std::get_if<Script::Repetition>(&step)) {
      if (Run(*repetition, stream)) continue;
      Count(&Counts::peer_closes);
      return false;
    }
    if (const auto* const gate = std::get_if<const Gate*>(&step)) {
      if (AwaitGate(**gate, stream.fd())) continue;
      Count(&Counts::peer_closes);
      return false;
    }
    if (std::holds_alternative<Script::KeyUpdate>(step)) {
      if (stream.UpdateKeys()) continue;
      Count(&Counts::peer_closes);
      return false;
    }
    switch (std::get<Script::End>(step)) {
      case Script::End::kClose:
        stream.Close();
        break;
      case Script::End::kReset:
        stream.Reset();
        break;
      case Script::End::kCut:
        stream.Cut();
        break;
    }
    Count(&Counts::scripted_ends);
    return false;
  }
  return true;
}

absl::optional<ScriptedServer::Request> ScriptedServer::ReadRequest(ServerStream& stream,
                                                                    std::string& received) {
  for (;;) {
    const size_t head_end = received.find("\r\n\r\n");
    if (head_end != std::string::npos) {
      const size_t body = head_end + 4;
      const size_t end = body + ContentLength(received.substr(0, head_end + 2));
      if (received.size() >= end) {
        Request request = {received.substr(0, head_end + 2), received.substr(body, end - body)};
        received.erase(0, end);
        return request;
      }
    }
    if (!AwaitReadable(stream)) return absl::nullopt;
    const std::string more = stream.Read();
    if (more.empty()) {
      Count(&Counts::peer_closes);
      return absl::nullopt;
    }
    received += more;
  }
}

bool ScriptedServer::Run(const Script::Repetition& repetition, ServerStream& stream) {
  for (int64_t i = 0; i < repetition.times; ++i) {
    if (!stream.Write(repetition.bytes)) return false;
    {
      absl::MutexLock lock(&mutex_);
      counts_.repeated_bytes += static_cast<int64_t>(repetition.bytes.size());
    }
    if (repetition.pause == absl::ZeroDuration()) continue;
    pollfd sources[] = {{ending_.fd(), POLLIN, 0}, {stream.fd(), POLLRDHUP, 0}};
    const int ended =
        poll(sources, 2, static_cast<int>(absl::ToInt64Milliseconds(repetition.pause)));
    Require(ended >= 0);
    if (ended > 0) return false;
  }
  return true;
}

bool ScriptedServer::AwaitGate(const Gate& gate, int peer) const {
  // Not POLLIN: the client sends nothing while it waits, and only its closing the connection
  // matters.
  pollfd sources[] = {{gate.fd(), POLLIN, 0}, {ending_.fd(), POLLIN, 0}, {peer, POLLRDHUP, 0}};
  Require(poll(sources, 3, -1) > 0);
  return sources[0].revents != 0;
}

bool ScriptedServer::AwaitReadable(const ServerStream& stream) const {
  if (stream.HasPending()) return true;
  pollfd sources[] = {{stream.fd(), POLLIN, 0}, {ending_.fd(), POLLIN, 0}};
  Require(poll(sources, 2, -1) > 0);
  return sources[1].revents == 0;
}

void ScriptedServer::Count(int Counts::*count) {
  absl::MutexLock lock(&mutex_);
  ++(counts_.*count);
}

int ScriptedServer::connections() const {
  absl::MutexLock lock(&mutex_);
  return counts_.connections;
}

int64_t ScriptedServer::repeated_bytes() const {
  absl::MutexLock lock(&mutex_);
  return counts_.repeated_bytes;
}

int ScriptedServer::resumed() const {
  absl::MutexLock lock(&mutex_);
  return counts_.resumed;
}

std::vector<ScriptedServer::Request> ScriptedServer::requests() const {
  absl::MutexLock lock(&mutex_);
  return requests_;
}

bool ScriptedServer::AwaitConnections(int count) const {
  return Await([&]()
                   ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return counts_.connections >= count; });
}

bool ScriptedServer::AwaitRequests(int count) const {
  return Await([&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return requests_.size() >= static_cast<size_t>(count);
  });
}

bool ScriptedServer::AwaitPeerCloses(int count) const {
  return Await([&]()
                   ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return counts_.peer_closes >= count; });
}

bool ScriptedServer::AwaitScriptedEnds(int count) const {
  return Await(
      [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return counts_.scripted_ends >= count; });
}

bool ScriptedServer::Await(const std::function<bool()>& condition) const {
  absl::MutexLock lock(&mutex_);
  return mutex_.AwaitWithTimeout(absl::Condition(&condition), kPatience);
}

}  // namespace uid2::testing
