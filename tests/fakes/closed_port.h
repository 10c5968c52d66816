// SPDX-License-Identifier: Apache-2.0

#ifndef TESTS_FAKES_CLOSED_PORT_H_
#define TESTS_FAKES_CLOSED_PORT_H_

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdlib>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "server/event/file_descriptor.h"

namespace uid2::testing {

// A port of 127.0.0.1 that refuses connections. It is held until the end, unlike the port of a
// server that is gone, which another test on this machine might get and answer at.
class ClosedPort {
 public:
  ClosedPort() : held_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    if (bind(held_.get(), any, size) != 0 || getsockname(held_.get(), any, &size) != 0) {
      std::abort();
    }
    port_ = ntohs(address.sin_port);
  }

  int port() const { return port_; }

  // "127.0.0.1:1234".
  std::string address() const { return absl::StrCat("127.0.0.1:", port_); }

  std::string Url(absl::string_view path = "") const {
    return absl::StrCat("http://", address(), path);
  }

 private:
  const FileDescriptor held_;
  int port_ = 0;
};

}  // namespace uid2::testing

#endif  // TESTS_FAKES_CLOSED_PORT_H_
