#ifndef SERVER_HTTP_HTTP_CLIENT_STATS_H_
#define SERVER_HTTP_HTTP_CLIENT_STATS_H_

#include <cstdint>

namespace uid2 {

// What an HTTP client has done since it began, and what it does now. The figures are read one
// after the other while the client goes on, so they need not agree to the last one.
struct HttpClientStats {
  // Times that a request was sent, and how many of these were the transport's own: it sends a
  // request again where a kept connection dies before the first byte of the reply, so that the
  // server may have had it twice.
  int64_t requests_sent = 0;
  int64_t requests_resent = 0;

  // Attempts to make a TCP connection, one for each address that is tried.
  int64_t connections_opened = 0;

  // Times that changed certificate authorities came into use.
  int64_t trust_store_reloads = 0;

  // Look-ups of hosts' names that have begun, and those that have failed; those of a host whose
  // earlier addresses stay in use included.
  int64_t look_ups = 0;
  int64_t look_up_failures = 0;

  // Now: requests without a reply yet, those that wait for a connection included; among them those
  // that wait for the first look-up of their host; and timers.
  int64_t requests_in_flight = 0;
  int64_t requests_without_address = 0;
  int64_t timers_waiting = 0;
};

}  // namespace uid2

#endif  // SERVER_HTTP_HTTP_CLIENT_STATS_H_
