// SPDX-License-Identifier: Apache-2.0

#include "client/doctor/expected_host.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

namespace uid2::doctor {
namespace {

bool IsAddress(const std::string& host) {
  in6_addr unused;
  return inet_pton(AF_INET, host.c_str(), &unused) == 1 ||
         inet_pton(AF_INET6, host.c_str(), &unused) == 1;
}

}  // namespace

bool ExpectHost(SSL& ssl, const std::string& host) {
  if (IsAddress(host)) {
    return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(&ssl), host.c_str()) == 1;
  }
  return SSL_set_tlsext_host_name(&ssl, host.c_str()) == 1 &&
         SSL_set1_host(&ssl, host.c_str()) == 1;
}

}  // namespace uid2::doctor
