// SPDX-License-Identifier: Apache-2.0

#ifndef TESTS_FAKES_SCRIPTED_SERVER_H_
#define TESTS_FAKES_SCRIPTED_SERVER_H_

#include <cstdint>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "server/event/file_descriptor.h"
#include "tests/fakes/gate.h"
#include "tests/fakes/script.h"
#include "tests/fakes/server_stream.h"
#include "tests/fakes/test_certificates.h"

namespace uid2::testing {

// An HTTP server on a free port of 127.0.0.1 that sends whatever its test scripts, however wrong,
// and records what it receives. Each connection has a thread. Thread-safe.
class ScriptedServer {
 public:
  struct Request {
    // Request line and header fields.
    std::string head;
    std::string body;
  };

  // `script` is called for every request, on the connection's thread.
  explicit ScriptedServer(std::function<Script(const Request&)> script,
                          absl::optional<TestCertificate> certificate = absl::nullopt);
  // Without TLS at 127.0.0.2, on the port of `other`: the same host at another address.
  ScriptedServer(std::function<Script(const Request&)> script, const ScriptedServer& other);
  // Closes all connections.
  ~ScriptedServer();

  std::string Url(absl::string_view path = "/") const;
  int port() const { return port_; }

  int connections() const;
  // The bytes of all Repeat() steps together that the peer or the operating system has accepted.
  int64_t repeated_bytes() const;
  // TLS connections that resumed an earlier session.
  int resumed() const;
  std::vector<Request> requests() const;

  // Each waits up to ten seconds; returns whether at least `count` have happened.
  bool AwaitConnections(int count) const;
  bool AwaitRequests(int count) const;
  // Connections that the peer has closed or reset.
  bool AwaitPeerCloses(int count) const;
  // Connections that a script has closed or reset.
  bool AwaitScriptedEnds(int count) const;

 private:
  struct Counts {
    int connections = 0;
    int64_t repeated_bytes = 0;
    int resumed = 0;
    int peer_closes = 0;
    int scripted_ends = 0;
  };

  ScriptedServer(std::function<Script(const Request&)> script,
                 absl::optional<TestCertificate> certificate, uint32_t address, int port);

  void Accept();
  void Serve(FileDescriptor socket);
  bool ServeOne(ServerStream& stream, std::string& received);
  bool Run(const Script& script, ServerStream& stream);
  absl::optional<Request> ReadRequest(ServerStream& stream, std::string& received);
  // Whether the peer has accepted all of it.
  bool Run(const Script::Repetition& repetition, ServerStream& stream);
  // True once the gate is open; false if the peer closes or the server ends first.
  bool AwaitGate(const Gate& gate, int peer) const;
  // True once there is something to read; false if the server ends first.
  bool AwaitReadable(const ServerStream& stream) const;
  void Count(int Counts::*count);
  bool Await(const std::function<bool()>& condition) const;

  const std::function<Script(const Request&)> script_;
  const absl::optional<ServerTls> tls_;
  const FileDescriptor listener_;
  int port_ = 0;
  Gate ending_;

  mutable absl::Mutex mutex_;
  Counts counts_ ABSL_GUARDED_BY(mutex_);
  std::vector<Request> requests_ ABSL_GUARDED_BY(mutex_);

  // Used by the accepting thread only, until that has ended.
  std::vector<std::thread> connections_;
  std::thread acceptor_;
};

}  // namespace uid2::testing

#endif  // TESTS_FAKES_SCRIPTED_SERVER_H_
