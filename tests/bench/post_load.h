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
  std::string api_key;
  std::string body;
  // Closed loop: requests under way at any time. Open loop: the most there may be.
  int in_flight = 1;
  // Requests a second, evenly; 0: closed loop.
  double rate = 0;
};

// Sends one POST over and over with libcurl's multi-socket interface, keep-alive, on one thread
// with epoll. Everything that lives longer than a request is made once.
class PostLoad {
 public:
  explicit PostLoad(const PostLoadOptions& options);
  ~PostLoad();

  PostLoad(const PostLoad&) = delete;
  PostLoad& operator=(const PostLoad&) = delete;

  // Until `measurement` is over and what is under way has ended.
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
  // In an open loop.
  std::unique_ptr<PaceTimer> pace_;
  // When libcurl wants to be called next, whatever its sockets do.
  Measurement::Clock::time_point wake_ = Measurement::Clock::time_point::max();
  std::vector<std::unique_ptr<Transfer>> transfers_;
  std::vector<Transfer*> idle_;
};

}  // namespace uid2::bench

#endif  // TESTS_BENCH_POST_LOAD_H_
