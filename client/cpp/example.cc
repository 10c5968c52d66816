// SPDX-License-Identifier: Apache-2.0

// A complete program: it creates a client, makes a call and prints the identity. The server's
// address is its argument, 127.0.0.1:50051 by default.
#include <cstdio>
#include <iostream>

#include "client/cpp/identity_client.h"

int main(int argc, char** argv) {
  uid2::client::ChannelOptions options;
  if (argc > 1) options.address = argv[1];
  const auto client = uid2::client::IdentityClient::New(options);
  if (!client.ok()) return 1;
  uid2::client::IdentityClient::GenerateRequest request;
  request.set_email("validate@example.com");
  const auto response = (*client)->GenerateIdentity(request, absl::Seconds(2));
  if (!response.ok()) std::cerr << response.status().message() << "\n";
  if (!response.ok() || !response->has_identity()) return 1;
  std::puts(response->identity().json().c_str());
}
