// SPDX-License-Identifier: Apache-2.0

#ifndef TESTS_BENCH_HTTP_SERVER_H_
#define TESTS_BENCH_HTTP_SERVER_H_

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <unordered_map>

#include "tests/bench/http_connection.h"
#include "tests/bench/operator_stub.h"
#include "tests/bench/server_stream.h"

namespace uid2::bench {

// Serves an OperatorStub over HTTP/1.1 on one thread with epoll, with one read and one write per
// request.
class HttpServer {
 public:
  // Listens on 127.0.0.1. If `port` is 0, picks a free one. Sends each reply `delay` after its
  // request. With TLS if there is a context. `stub` must outlive the server.
  HttpServer(OperatorStub& stub, uint16_t port, std::chrono::nanoseconds delay, SslContext tls);
  ~HttpServer();

  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  uint16_t port() const { return port_; }

  // Serves until `stop`, a file descriptor, becomes readable.
  void Run(int stop);

 private:
  // Holds a weak pointer, because the connection may be closed, and its descriptor reused, before
  // its reply is due.
  struct DelayedReply {
    std::chrono::steady_clock::time_point due;
    std::weak_ptr<HttpConnection> connection;
    std::string reply;
  };

  void Watch(int descriptor, uint32_t events, int operation);
  void Accept();
  void Serve(int socket, uint32_t events);
  void OnRequest(HttpConnection& connection, const OperatorRequest& request);
  void Send(HttpConnection& connection, const std::string& reply);
  void SendDue();
  void ArmTimer();

  OperatorStub& stub_;
  const std::chrono::nanoseconds delay_;
  const SslContext tls_;
  const HttpConnection::Handler handler_;
  int epoll_ = -1;
  int listener_ = -1;
  int timer_ = -1;
  uint16_t port_ = 0;
  std::unordered_map<int, std::shared_ptr<HttpConnection>> connections_;
  // All replies have the same delay, so they become due in the order in which they were queued.
  std::deque<DelayedReply> delayed_;
};

}  // namespace uid2::bench

#endif  // TESTS_BENCH_HTTP_SERVER_H_
