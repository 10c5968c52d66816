#ifndef SERVER_APP_TRUST_STORE_WATCH_H_
#define SERVER_APP_TRUST_STORE_WATCH_H_

#include "server/http/http_client_stats.h"
#include "server/telemetry/event_log.h"

namespace uid2 {

// Says in the log that the file of certificate authorities has changed, and whether its content is
// in use. One thread at a time.
class TrustStoreWatch {
 public:
  // `log` must outlive this.
  explicit TrustStoreWatch(EventLog& log) : log_(log) {}

  // `stats` are of one HTTP client, as they are now.
  void Look(const HttpClientStats& stats);

 private:
  EventLog& log_;
  int64_t reloads_ = 0;
  int64_t failures_ = 0;
  // Content that cannot be used is tried again and again: once said is enough.
  bool refused_ = false;
};

}  // namespace uid2

#endif  // SERVER_APP_TRUST_STORE_WATCH_H_
