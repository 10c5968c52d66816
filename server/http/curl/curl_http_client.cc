#include "server/http/curl/curl_http_client.h"

#include <curl/curl.h>
#include <signal.h>

#include <cstdlib>

#include "absl/memory/memory.h"
#include "server/http/curl/http_call.h"

namespace uid2 {
namespace {

absl::Status InitialiseCurl() {
  // Once in the process; never undone, as nothing tells when its last user has gone.
  static const CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (code != CURLE_OK) return absl::InternalError(curl_easy_strerror(code));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<CurlHttpClient>> CurlHttpClient::New(
    const CurlHttpClientOptions& options, std::function<void(const absl::Status&)> on_trust_store) {
  absl::Status status = Validate(options);
  if (status.ok()) status = InitialiseCurl();
  if (!status.ok()) return status;
  absl::StatusOr<std::shared_ptr<Inbox>> inbox = Inbox::New();
  if (!inbox.ok()) return inbox.status();
  absl::StatusOr<std::unique_ptr<CurlLoop>> loop =
      CurlLoop::New(options, std::move(on_trust_store), *inbox);
  if (!loop.ok()) return loop.status();
  auto client = absl::WrapUnique(new CurlHttpClient(*std::move(inbox), *std::move(loop)));
  status = client->StartThread();
  if (!status.ok()) return status;
  return client;
}

CurlHttpClient::~CurlHttpClient() {
  if (!running_) return;
  HttpSignal stop(HttpSignal::Kind::kStop);
  // A thread that cannot be told to end, or be waited for, would use what is about to go.
  if (!inbox_->Push(stop) || pthread_join(thread_, nullptr) != 0) std::abort();
}

void CurlHttpClient::Post(HttpRequest request, CallContext& context, Callback done) {
  auto call = std::make_shared<HttpCall>(std::move(request), context, std::move(done), inbox_);
  // Before the loop knows of the call: from then on its callback may run at any time, with which
  // the context may end.
  context.OnCancel([call] { HttpCall::SendCancel(call); });
  HttpCall::SendStart(std::move(call));
}

absl::Status CurlHttpClient::StartThread() {
  // Signals are for the process's other threads. SIGPIPE above all: OpenSSL writes to sockets
  // without MSG_NOSIGNAL.
  sigset_t all;
  sigset_t before;
  (void)sigfillset(&all);
  if (const int error = pthread_sigmask(SIG_SETMASK, &all, &before); error != 0) {
    return absl::ErrnoToStatus(error, "cannot block signals");
  }
  const int error = pthread_create(&thread_, nullptr, &RunLoop, loop_.get());
  if (const int undone = pthread_sigmask(SIG_SETMASK, &before, nullptr); undone != 0) {
    std::abort();
  }
  if (error != 0) return absl::ErrnoToStatus(error, "cannot start the HTTP client's thread");
  running_ = true;
  // For whoever looks at the process; it works without.
  (void)pthread_setname_np(thread_, "http");
  return absl::OkStatus();
}

void* CurlHttpClient::RunLoop(void* loop) {
  static_cast<CurlLoop*>(loop)->Run();
  return nullptr;
}

}  // namespace uid2
