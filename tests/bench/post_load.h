// SPDX-License-Identifier: Apache-2.0

#ifndef TESTS_BENCH_POST_LOAD_H_
#define TESTS_BENCH_POST_LOAD_H_

#include <curl/curl.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tests/bench/measurement.h"
#include "tests/bench/pace_timer.h"

namespace uid2::bench {

struct PostLoadOptions {
  std::string url;
  // The file of the certificate authority that https trusts.
  std::string ca_file;
  std::string api_key;
  std::string body;
  // Closed loop: the number of requests in flight at any time. Open loop: the maximum.
  int in_flight = 1;
  // Requests per second, at even intervals; 0: closed loop.
  double rate = 0;
};

// Sends the same POST repeatedly over keep-alive connections, with libcurl's multi-socket interface
// and epoll on one thread. Everything that can outlive a request is created only once.
class PostLoad {
 public:
  explicit PostLoad(const PostLoadOptions& options);
  ~PostLoad();

  PostLoad(const PostLoad&) = delete;
  PostLoad& operator=(const PostLoad&) = delete;

  // Runs until `measurement` is over and no request is in flight.
  void Run(Measurement& measurement);

 private:
  struct Transfer {
    CURL* easy = nullptr;
    std::string reply;
    Measurement::Clock::time_point began;
  };

  static int OnSocket(CURL* easy, curl_socket_t socket, int what, void* self, void* watched);
  static int OnTimeout(CURLM* multi, long milliseconds, void* self);
  static size_t OnBody(char* data, size_t size, size_t count, void* transfer);

  CURL* MakeEasy(Transfer& transfer);
  void Watch(int descriptor, uint32_t events, int operation);
  void Begin(Transfer& transfer);
  void BeginDue(Measurement& measurement);
  void Serve(int descriptor, uint32_t events);
  void RunTimeouts();
  int MillisecondsToWake() const;
  void RecordEnded(Measurement& measurement);

  const PostLoadOptions options_;
  CURLM* multi_;
  curl_slist* headers_ = nullptr;
  int epoll_ = -1;
  // Only in an open loop.
  std::unique_ptr<PaceTimer> pace_;
  // When libcurl's next timeout is due.
  Measurement::Clock::time_point wake_ = Measurement::Clock::time_point::max();
  std::vector<std::unique_ptr<Transfer>> transfers_;
  std::vector<Transfer*> idle_;
};

}  // namespace uid2::bench

#endif  // TESTS_BENCH_POST_LOAD_H_
