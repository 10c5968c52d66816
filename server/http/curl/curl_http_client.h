#ifndef SERVER_HTTP_CURL_CURL_HTTP_CLIENT_H_
#define SERVER_HTTP_CURL_CURL_HTTP_CLIENT_H_

#include <pthread.h>

#include <functional>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/call/timers.h"
#include "server/event/inbox.h"
#include "server/http/curl/curl_http_client_options.h"
#include "server/http/curl/curl_loop.h"
#include "server/http/http_client.h"
#include "server/http/http_client_stats.h"

namespace uid2 {

// HttpClient over libcurl, HTTP/1.1 on kept connections. One thread serves all requests, beside
// short-lived ones: one for each host whose name is being looked up, and one that reads a changed
// file of authorities. None takes signals. The one for a name ends with its look-up, which may be
// after the client.
//
// Proxies, cookies, .netrc and the environment have no effect, except that libcurl reads
// SSLKEYLOGFILE the first time (and opens that file, but nothing is written to it).
//
// A kUnavailable for certificates is told from the others by certificate_fault.h.
class CurlHttpClient : public HttpClient {
 public:
  // kInvalidArgument for options without sense, a certificate file among them.
  //
  // The file of certificate authorities is followed (ca_file_check_interval): new content holds for
  // every connection made from then on, and what was made before is closed as soon as no request
  // is on it. `on_trust_store`, which may be null, is told: OK, or why the file's content is not
  // used, which leaves the earlier one in use. It runs on the client's thread and must not block.
  static absl::StatusOr<std::unique_ptr<CurlHttpClient>> New(
      const CurlHttpClientOptions& options,
      std::function<void(const absl::Status&)> on_trust_store = nullptr);

  // Waits for the thread, which gives up what is under way: pending calls get kCancelled. Not to
  // be called in a callback. Hooks that calls have left in their contexts may run at any time
  // during and after this.
  ~CurlHttpClient() override;

  // The callback must not keep the client's thread long, as every other call waits meanwhile.
  void Post(HttpRequest request, CallContext& context, Callback done) override;

  // Whose actions run on the client's thread, up to a millisecond late, and end with the client.
  Timers& timers() { return loop_->timers(); }

  // Thread-safe.
  HttpClientStats stats() const { return loop_->stats(); }

 private:
  CurlHttpClient(std::shared_ptr<Inbox> inbox, std::unique_ptr<CurlLoop> loop)
      : inbox_(std::move(inbox)), loop_(std::move(loop)) {}

  absl::Status StartThread();

  static void* RunLoop(void* loop);

  const std::shared_ptr<Inbox> inbox_;
  const std::unique_ptr<CurlLoop> loop_;
  bool running_ = false;
  pthread_t thread_;
};

}  // namespace uid2

#endif  // SERVER_HTTP_CURL_CURL_HTTP_CLIENT_H_
