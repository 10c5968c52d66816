#ifndef SERVER_HTTP_RESOLVER_HOST_RESOLVER_H_
#define SERVER_HTTP_RESOLVER_HOST_RESOLVER_H_

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "server/call/call_context.h"
#include "server/event/inbox.h"
#include "server/http/curl/curl_counters.h"

namespace uid2 {

// Finds the addresses of hosts, and keeps them: for one thread, which never waits for a look-up.
// Each is made by a short-lived thread, and there is one at a time for a name, however many want
// its addresses. libcurl would make a thread for each that asks.
//
// Addresses are fresh for `address_age`. Older ones are used while the next look-up is made, up to
// five minutes after they were found; and, where it has failed, as long as look-ups fail, up to an
// hour: a name server that is down must not take the hosts with it that it named. What is older
// than that may be somebody else's by now.
class HostResolver {
 public:
  using TimePoint = CallContext::TimePoint;

  // Where a host is, in the order in which it is to be tried: "192.0.2.1,[2001:db8::1]". Others
  // come as another string, so that pointers tell them apart.
  using Addresses = std::shared_ptr<const std::string>;

  // What is known of one name. For the resolver's thread, except that it may go on any.
  class Host {
   public:
    explicit Host(std::string name) : name_(std::move(name)) {}

   private:
    friend class HostResolver;

    const std::string name_;
    // Of the last look-up that has found any, at found_; null: none has.
    Addresses addresses_;
    TimePoint found_;
    TimePoint fresh_until_ = TimePoint::min();
    TimePoint usable_until_ = TimePoint::min();
    // When the next is due; max() while one is under way.
    TimePoint next_look_up_ = TimePoint::min();
  };

  struct Answer {
    std::shared_ptr<Host> host;
    // OK: there are addresses to be used. kUnavailable: the name has none, or none were found.
    absl::Status status;
  };

  // `counters` must outlive it. `inbox` is woken for answers. `address_age` is positive.
  HostResolver(std::shared_ptr<Inbox> inbox, CurlCounters& counters, absl::Duration address_age);

  // Does not wait for the look-ups that are under way, whose threads end by themselves.
  ~HostResolver() = default;

  HostResolver(const HostResolver&) = delete;
  HostResolver& operator=(const HostResolver&) = delete;

  // The same for the same name in any case. Known as long as somebody has it.
  std::shared_ptr<Host> HostNamed(absl::string_view name);

  // What to use at `now`, which never goes back. Null: there will be an answer. Begins a look-up
  // where one is due.
  const Addresses& AddressesOf(const std::shared_ptr<Host>& host, TimePoint now) {
    return now < host->fresh_until_ ? host->addresses_ : AgedAddressesOf(host, now);
  }

  // One for each look-up that has ended since the last time.
  std::vector<Answer> TakeAnswers(TimePoint now);

  // To be asked after the inbox's PrepareToSleep(): later answers wake.
  bool has_answers() const;

 private:
  struct Result {
    std::shared_ptr<Host> host;
    absl::StatusOr<std::string> addresses;
  };

  // Of all look-ups; it lives as long as one that is under way.
  struct Results {
    explicit Results(std::shared_ptr<Inbox> inbox_in) : inbox(std::move(inbox_in)) {}

    void Add(Result result) ABSL_LOCKS_EXCLUDED(mutex);

    const std::shared_ptr<Inbox> inbox;
    absl::Mutex mutex;
    std::vector<Result> ended ABSL_GUARDED_BY(mutex);
  };

  struct LookUp {
    std::shared_ptr<Host> host;
    std::shared_ptr<Results> results;
  };

  const Addresses& AgedAddressesOf(const std::shared_ptr<Host>& host, TimePoint now);
  void Begin(const std::shared_ptr<Host>& host);
  absl::Status End(Host& host, absl::StatusOr<std::string> addresses, TimePoint now);

  static absl::Status StartThread(std::unique_ptr<LookUp> look_up);
  static void* Run(void* look_up);

  const Addresses none_;
  const absl::Duration address_age_;
  CurlCounters& counters_;
  const std::shared_ptr<Results> results_;
  absl::flat_hash_map<std::string, std::shared_ptr<Host>> hosts_;
  size_t under_way_ = 0;
};

}  // namespace uid2

#endif  // SERVER_HTTP_RESOLVER_HOST_RESOLVER_H_
