// SPDX-License-Identifier: Apache-2.0

#include "tests/bench/post_load.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>

#include "absl/strings/str_cat.h"
#include "tests/bench/check.h"

namespace uid2::bench {
namespace {

using Clock = Measurement::Clock;

constexpr long kOk = 200;

template <typename... Values>
void SetOption(CURL* easy, CURLoption option, Values... values) {
  Check(curl_easy_setopt(easy, option, values...) == CURLE_OK, "libcurl rejected an option");
}

void CheckMulti(CURLMcode code) { Check(code == CURLM_OK, curl_multi_strerror(code)); }

}  // namespace

PostLoad::PostLoad(const PostLoadOptions& options) : options_(options), multi_(nullptr) {
  Check(curl_global_init(CURL_GLOBAL_ALL) == CURLE_OK, "cannot initialize libcurl");
  multi_ = curl_multi_init();
  epoll_ = CheckCall(epoll_create1(EPOLL_CLOEXEC), "epoll_create1");
  if (options.rate > 0) {
    pace_ = std::make_unique<PaceTimer>(options.rate);
    Watch(pace_->descriptor(), EPOLLIN, EPOLL_CTL_ADD);
  }
  CheckMulti(curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &OnSocket));
  CheckMulti(curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this));
  CheckMulti(curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &OnTimeout));
  CheckMulti(curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this));
  CheckMulti(curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, static_cast<long>(options.in_flight)));
  for (const std::string& header :
       {absl::StrCat("Authorization: Bearer ", options.api_key),
        std::string("Content-Type: text/plain"), std::string("X-UID2-Client-Version: bench"),
        std::string("Accept:")}) {
    headers_ = curl_slist_append(headers_, header.c_str());
  }
  for (int i = 0; i < options.in_flight; ++i) {
    transfers_.push_back(std::make_unique<Transfer>());
    transfers_.back()->easy = MakeEasy(*transfers_.back());
    idle_.push_back(transfers_.back().get());
  }
}

PostLoad::~PostLoad() {
  for (const auto& transfer : transfers_) curl_easy_cleanup(transfer->easy);
  curl_multi_cleanup(multi_);
  curl_slist_free_all(headers_);
  curl_global_cleanup();
  close(epoll_);
}

CURL* PostLoad::MakeEasy(Transfer& transfer) {
  CURL* easy = curl_easy_init();
  Check(easy != nullptr, "curl_easy_init failed");
  SetOption(easy, CURLOPT_URL, options_.url.c_str());
  SetOption(easy, CURLOPT_PROXY, "");
  SetOption(easy, CURLOPT_NOSIGNAL, 1L);
  if (!options_.ca_file.empty()) SetOption(easy, CURLOPT_CAINFO, options_.ca_file.c_str());
  SetOption(easy, CURLOPT_HTTPHEADER, headers_);
  SetOption(easy, CURLOPT_POSTFIELDS, options_.body.c_str());
  SetOption(easy, CURLOPT_POSTFIELDSIZE, static_cast<long>(options_.body.size()));
  SetOption(easy, CURLOPT_WRITEFUNCTION, &OnBody);
  SetOption(easy, CURLOPT_WRITEDATA, &transfer);
  SetOption(easy, CURLOPT_PRIVATE, &transfer);
  SetOption(easy, CURLOPT_TIMEOUT_MS, 10000L);
  return easy;
}

void PostLoad::Run(Measurement& measurement) {
  while (options_.rate == 0 && !idle_.empty()) {
    Transfer* transfer = idle_.back();
    idle_.pop_back();
    Begin(*transfer);
  }
  std::array<epoll_event, 256> events;
  while (!measurement.over() || idle_.size() < transfers_.size()) {
    const int count =
        epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), MillisecondsToWake());
    for (int i = 0; i < count; ++i) {
      const epoll_event& event = events[static_cast<size_t>(i)];
      if (pace_ != nullptr && event.data.fd == pace_->descriptor()) {
        BeginDue(measurement);
      } else {
        Serve(event.data.fd, event.events);
      }
    }
    RunTimeouts();
    RecordEnded(measurement);
  }
}

void PostLoad::Watch(int descriptor, uint32_t events, int operation) {
  epoll_event event{};
  event.events = events;
  event.data.fd = descriptor;
  const int result = epoll_ctl(epoll_, operation, descriptor, &event);
  // Ignore errors on removal: libcurl may close a socket before it removes the watch.
  if (operation != EPOLL_CTL_DEL) CheckCall(result, "epoll_ctl");
}

void PostLoad::Begin(Transfer& transfer) {
  transfer.reply.clear();
  transfer.began = Clock::now();
  CheckMulti(curl_multi_add_handle(multi_, transfer.easy));
}

void PostLoad::BeginDue(Measurement& measurement) {
  for (int64_t due = pace_->Wait(); due > 0 && !measurement.over(); --due) {
    if (idle_.empty()) {
      measurement.RecordMissed(1);
      continue;
    }
    Transfer* transfer = idle_.back();
    idle_.pop_back();
    Begin(*transfer);
  }
}

void PostLoad::Serve(int descriptor, uint32_t events) {
  int running = 0;
  const int mask = ((events & EPOLLIN) != 0 ? CURL_CSELECT_IN : 0) |
                   ((events & EPOLLOUT) != 0 ? CURL_CSELECT_OUT : 0) |
                   ((events & (EPOLLERR | EPOLLHUP)) != 0 ? CURL_CSELECT_ERR : 0);
  CheckMulti(curl_multi_socket_action(multi_, descriptor, mask, &running));
}

void PostLoad::RecordEnded(Measurement& measurement) {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    CURL* easy = message->easy_handle;
    const CURLcode code = message->data.result;
    Transfer* transfer = nullptr;
    long status = 0;
    Check(curl_easy_getinfo(easy, CURLINFO_PRIVATE, &transfer) == CURLE_OK &&
              curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK,
          "curl_easy_getinfo failed");
    CheckMulti(curl_multi_remove_handle(multi_, easy));
    const std::string error = code != CURLE_OK ? curl_easy_strerror(code)
                              : status != kOk || transfer->reply.empty()
                                  ? absl::StrCat("HTTP ", status)
                                  : "";
    measurement.Record(transfer->began, Clock::now(), error);
    if (options_.rate > 0 || measurement.over()) {
      idle_.push_back(transfer);
    } else {
      Begin(*transfer);
    }
  }
}

int PostLoad::OnSocket(CURL* /*easy*/, curl_socket_t socket, int what, void* self, void* watched) {
  auto& load = *static_cast<PostLoad*>(self);
  if (what == CURL_POLL_REMOVE) {
    load.Watch(socket, 0, EPOLL_CTL_DEL);
    return 0;
  }
  const uint32_t events =
      ((what & CURL_POLL_IN) != 0 ? EPOLLIN : 0U) | ((what & CURL_POLL_OUT) != 0 ? EPOLLOUT : 0U);
  load.Watch(socket, events, watched == nullptr ? EPOLL_CTL_ADD : EPOLL_CTL_MOD);
  if (watched == nullptr) CheckMulti(curl_multi_assign(load.multi_, socket, &load));
  return 0;
}

int PostLoad::OnTimeout(CURLM* /*multi*/, long milliseconds, void* self) {
  // Only store the time. libcurl calls this several times per request, and arming a kernel timer
  // each time would cost more than the request itself.
  static_cast<PostLoad*>(self)->wake_ =
      milliseconds < 0 ? Clock::time_point::max()
                       : Clock::now() + std::chrono::milliseconds(milliseconds);
  return 0;
}

void PostLoad::RunTimeouts() {
  // Handling a timeout may set another one that is due at once, but this does not repeat forever.
  while (wake_ <= Clock::now()) {
    wake_ = Clock::time_point::max();
    int running = 0;
    CheckMulti(curl_multi_socket_action(multi_, CURL_SOCKET_TIMEOUT, 0, &running));
  }
}

int PostLoad::MillisecondsToWake() const {
  if (wake_ == Clock::time_point::max()) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(wake_ - Clock::now());
  return static_cast<int>(std::clamp<int64_t>(left.count(), 0, 60'000));
}

size_t PostLoad::OnBody(char* data, size_t size, size_t count, void* transfer) {
  static_cast<Transfer*>(transfer)->reply.append(data, size * count);
  return size * count;
}

}  // namespace uid2::bench
