#ifndef TESTS_BENCH_HTTP_CONNECTION_H_
#define TESTS_BENCH_HTTP_CONNECTION_H_

#include <http_parser.h>

#include <functional>
#include <string>

#include "absl/strings/string_view.h"
#include "tests/bench/operator_stub.h"

namespace uid2::bench {

// One client's HTTP/1.1 keep-alive connection, over a non-blocking socket that it owns. Not
// thread-safe; not movable, as the parser keeps its address.
class HttpConnection {
 public:
  // Called for each whole request; the views die with the call.
  using Handler = std::function<void(HttpConnection& connection, const OperatorRequest& request)>;

  HttpConnection(int socket, const Handler& handler);
  ~HttpConnection();

  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;

  int socket() const { return socket_; }

  // Reads what has come. False: the peer has gone, or did not speak HTTP; drop the connection.
  [[nodiscard]] bool Read();

  // Sends `reply` now as far as the socket takes it, and keeps the rest.
  void Send(absl::string_view reply);

  // Sends what Send() kept. False: drop the connection.
  [[nodiscard]] bool Flush();

  // Whether something waits for the socket to become writable.
  bool blocked() const { return !unsent_.empty(); }

 private:
  static int OnMessageBegin(http_parser* parser);
  static int OnUrl(http_parser* parser, const char* at, size_t length);
  static int OnHeaderField(http_parser* parser, const char* at, size_t length);
  static int OnHeaderValue(http_parser* parser, const char* at, size_t length);
  static int OnBody(http_parser* parser, const char* at, size_t length);
  static int OnMessageComplete(http_parser* parser);
  static const http_parser_settings& Settings();

  const int socket_;
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
