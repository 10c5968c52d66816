// SPDX-License-Identifier: Apache-2.0

#ifndef TESTS_HTTP_WIRE_STALLING_SERVER_H_
#define TESTS_HTTP_WIRE_STALLING_SERVER_H_

#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "tests/fakes/listening_port.h"
#include "tests/fakes/server_stream.h"
#include "tests/fakes/test_certificates.h"

namespace uid2::testing {

// A TLS server that answers a handshake only when the test says so.
class StallingServer : public ListeningPort {
 public:
  explicit StallingServer(const TestCertificate& certificate)
      : ListeningPort("127.0.0.1"), tls_(certificate) {}

  std::string Url() const;

  std::unique_ptr<ServerStream> Accept() const;

 private:
  const ServerTls tls_;
};

// Reads a request with `body`.
void ReadRequest(ServerStream& stream, absl::string_view body);

// Reads a request with `body`, and answers it.
void Answer(ServerStream& stream, absl::string_view body);

}  // namespace uid2::testing

#endif  // TESTS_HTTP_WIRE_STALLING_SERVER_H_
