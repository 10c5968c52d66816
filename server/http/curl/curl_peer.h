// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_HTTP_CURL_CURL_PEER_H_
#define SERVER_HTTP_CURL_CURL_PEER_H_

#include <curl/curl.h>

#include <string>

namespace uid2 {

// Peers in the form of HttpFailure::peer.

// Empty if `address` is neither IPv4 nor IPv6.
std::string PeerAt(const curl_sockaddr& address);

// The peer to which the last transfer of `handle` has a TCP connection, or had one at its end;
// empty if it had none.
std::string ConnectedPeer(CURL* handle);

}  // namespace uid2

#endif  // SERVER_HTTP_CURL_CURL_PEER_H_
