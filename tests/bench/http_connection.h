// SPDX-License-Identifier: Apache-2.0

#ifndef TESTS_BENCH_HTTP_CONNECTION_H_
#define TESTS_BENCH_HTTP_CONNECTION_H_

#include <http_parser.h>

#include <functional>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "tests/bench/operator_stub.h"
#include "tests/bench/server_stream.h"

namespace uid2::bench {

// A client's HTTP/1.1 keep-alive connection. Not thread-safe. Not movable, because the parser holds
// its address.
class HttpConnection {
 public:
  // Called for each complete request. The views are valid only during the call.
  using Handler = std::function<void(HttpConnection& connection, const OperatorRequest& request)>;

  HttpConnection(std::unique_ptr<ServerStream> stream, const Handler& handler);

  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;

  int socket() const { return stream_->socket(); }

  // Reads the available data. Returns false if the peer has closed or did not speak HTTP; then the
  // caller must drop the connection.
  [[nodiscard]] bool Read();

  // Sends as much of `reply` as the socket accepts, and buffers the rest.
  void Send(absl::string_view reply);

  // Sends buffered data. Returns false if the caller must drop the connection.
  [[nodiscard]] bool Flush();

  // Whether buffered data is waiting for the socket to become writable.
  bool blocked() const { return !unsent_.empty(); }

 private:
  static int OnMessageBegin(http_parser* parser);
  static int OnUrl(http_parser* parser, const char* at, size_t length);
  static int OnHeaderField(http_parser* parser, const char* at, size_t length);
  static int OnHeaderValue(http_parser* parser, const char* at, size_t length);
  static int OnBody(http_parser* parser, const char* at, size_t length);
  static int OnMessageComplete(http_parser* parser);
  static const http_parser_settings& Settings();

  const std::unique_ptr<ServerStream> stream_;
  const Handler& handler_;
  http_parser parser_;
  std::string path_;
  std::string field_;
  bool in_value_ = false;
  std::string authorization_;
  std::string body_;
  std::string unsent_;
};

}  // namespace uid2::bench

#endif  // TESTS_BENCH_HTTP_CONNECTION_H_
