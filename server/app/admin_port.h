// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_APP_ADMIN_PORT_H_
#define SERVER_APP_ADMIN_PORT_H_

#include <microhttpd.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "server/event/file_descriptor.h"
#include "server/event/thread.h"

namespace uid2 {

// Serves /metrics, /livez and /readyz over plain HTTP, for Prometheus and the kubelet, which have
// no client certificates. One thread, "admin_port", handles all connections, one request after
// another.
//
// Clients cannot make it cost more than a fixed number of connections of a few KiB each: if there
// is one more, the oldest one is closed. So clients that do not finish their requests, or do not
// read the answers, never keep others out. A connection serves one request.
//
// A scrape takes 2 to 3 microseconds for each sample. It never holds up calls for long: counters
// and gauges have no locks, a histogram is locked by itself while its buckets are copied, and so is
// each throttle and clock while a gauge is computed from it. A call waits for a family's lock only
// if it adds a series, such as the first one of a caller.
class AdminPort {
 public:
  // Called on the thread of the admin port. They must not block for longer than a client of the
  // kubelet's kind waits, which is a second.
  struct Sources {
    // The metrics in Prometheus's text format.
    std::function<std::string()> metrics;
    // Why the process should be restarted; OK if it should not be.
    std::function<absl::Status()> live;
    // Why this replica should not be sent calls; OK if it should be.
    std::function<absl::Status()> ready;
  };

  // Listens on `address`, "HOST:PORT"; port 0 picks a free port. What `sources` use must outlive
  // this object. Errors name the field of the configuration and say how to fix the problem.
  static absl::StatusOr<std::unique_ptr<AdminPort>> Start(const std::string& address,
                                                          Sources sources);

  // Closes the port and all connections, and waits for the thread.
  ~AdminPort();

  AdminPort(const AdminPort&) = delete;
  AdminPort& operator=(const AdminPort&) = delete;

  // "127.0.0.1:9090", with the port that was bound.
  const std::string& address() const { return address_; }

 private:
  struct Answer {
    unsigned int status;
    std::string body;
    const char* content_type = "text/plain; charset=utf-8";
  };

  explicit AdminPort(Sources sources) : sources_(std::move(sources)) {}

  void Run();
  // Returns whether the port was closed meanwhile.
  bool Wait(int milliseconds, bool for_clients);

  static MHD_Result OnRequest(void* self, MHD_Connection* connection, const char* url,
                              const char* method, const char* version, const char* upload_data,
                              size_t* upload_data_size, void** request_context);
  static void OnConnection(void* self, MHD_Connection* connection, void** connection_context,
                           MHD_ConnectionNotificationCode code);

  Answer Respond(absl::string_view path) const;
  void Opened(int socket);
  void Closed(int socket);

  const Sources sources_;
  std::string address_;
  // The sockets of the open connections, oldest first. Only the thread uses these two.
  std::vector<int> open_;
  int64_t opened_ = 0;
  // Readable once the thread is to end.
  FileDescriptor stop_;
  MHD_Daemon* daemon_ = nullptr;
  absl::optional<Thread> thread_;
};

}  // namespace uid2

#endif  // SERVER_APP_ADMIN_PORT_H_
