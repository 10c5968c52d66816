#include "server/http/resolver/host_resolver.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace uid2 {
namespace {

// Beyond address_age: while the next look-up takes its time, or nobody has asked for the host; and
// while look-ups fail.
constexpr auto kUsable = std::chrono::minutes(5);
constexpr auto kUsableWithoutNameServer = std::chrono::hours(1);

// From a failed look-up to the next, where there are addresses to be used meanwhile.
constexpr auto kPauseAfterFailure = std::chrono::seconds(1);

std::string TextOf(const sockaddr& address) {
  char text[INET6_ADDRSTRLEN];
  if (address.sa_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    return inet_ntop(AF_INET, &v4.sin_addr, text, sizeof(text)) == nullptr ? "" : text;
  }
  if (address.sa_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
    if (inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof(text)) == nullptr) return "";
    return absl::StrCat("[", text, "]");
  }
  return "";
}

absl::Status NotResolved(absl::string_view why) {
  return absl::UnavailableError(absl::StrCat("cannot resolve host name: ", why));
}

// May take as long as the system's resolver likes.
absl::StatusOr<std::string> Ask(const std::string& name) {
  addrinfo hints = {};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(name.c_str(), nullptr, &hints, &found);
  if (error == EAI_SYSTEM) return NotResolved(absl::ErrnoToStatus(errno, "system").message());
  if (error != 0) return NotResolved(gai_strerror(error));
  std::string addresses;
  for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
    const std::string text = TextOf(*each->ai_addr);
    if (!text.empty()) absl::StrAppend(&addresses, addresses.empty() ? "" : ",", text);
  }
  freeaddrinfo(found);
  if (addresses.empty()) return NotResolved("no IP address");
  return addresses;
}

}  // namespace

HostResolver::HostResolver(std::shared_ptr<Inbox> inbox, CurlCounters& counters,
                           absl::Duration address_age)
    : address_age_(address_age),
      counters_(counters),
      results_(std::make_shared<Results>(std::move(inbox))) {}

std::shared_ptr<HostResolver::Host> HostResolver::HostNamed(absl::string_view name) {
  const std::string lower = absl::AsciiStrToLower(name);
  const auto found = hosts_.find(lower);
  if (found != hosts_.end()) return found->second;
  // A look-up that is under way has its host.
  absl::erase_if(hosts_, [](const auto& host) { return host.second.use_count() == 1; });
  return hosts_[lower] = std::make_shared<Host>(lower);
}

const HostResolver::Addresses& HostResolver::AgedAddressesOf(const std::shared_ptr<Host>& host,
                                                             TimePoint now) {
  if (now >= host->next_look_up_) Begin(host);
  return now < host->usable_until_ ? host->addresses_ : none_;
}

void HostResolver::Begin(const std::shared_ptr<Host>& host) {
  host->next_look_up_ = TimePoint::max();
  ++under_way_;
  counters_.look_ups.Increment();
  const absl::Status status =
      StartThread(std::make_unique<LookUp>(LookUp{.host = host, .results = results_}));
  if (!status.ok()) results_->Add({.host = host, .addresses = status});
}

absl::Status HostResolver::End(Host& host, absl::StatusOr<std::string> addresses, TimePoint now) {
  if (addresses.ok()) {
    host.found_ = now;
    host.fresh_until_ = now + absl::ToChronoNanoseconds(address_age_);
    host.usable_until_ = host.fresh_until_ + kUsable;
    host.next_look_up_ = host.fresh_until_;
    if (host.addresses_ == nullptr || *host.addresses_ != *addresses) {
      host.addresses_ = std::make_shared<const std::string>(*std::move(addresses));
    }
    return absl::OkStatus();
  }
  counters_.look_up_failures.Increment();
  if (host.addresses_ != nullptr) host.usable_until_ = host.found_ + kUsableWithoutNameServer;
  if (now >= host.usable_until_) {
    // Whoever wants the host next has it looked up again.
    host.next_look_up_ = now;
    return addresses.status();
  }
  host.next_look_up_ = now + kPauseAfterFailure;
  return absl::OkStatus();
}

std::vector<HostResolver::Answer> HostResolver::TakeAnswers(TimePoint now) {
  std::vector<Answer> answers;
  if (under_way_ == 0) return answers;
  std::vector<Result> ended;
  {
    absl::MutexLock lock(&results_->mutex);
    ended.swap(results_->ended);
  }
  under_way_ -= ended.size();
  for (Result& result : ended) {
    const absl::Status status = End(*result.host, std::move(result.addresses), now);
    answers.push_back({.host = std::move(result.host), .status = status});
  }
  return answers;
}

bool HostResolver::has_answers() const {
  if (under_way_ == 0) return false;
  absl::MutexLock lock(&results_->mutex);
  return !results_->ended.empty();
}

void HostResolver::Results::Add(Result result) {
  absl::MutexLock lock(&mutex);
  ended.push_back(std::move(result));
}

absl::Status HostResolver::StartThread(std::unique_ptr<LookUp> look_up) {
  pthread_attr_t detached;
  if (pthread_attr_init(&detached) != 0) return NotResolved("no memory");
  pthread_t thread;
  // Takes no signals, as the thread that starts it takes none.
  int error = pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
  if (error == 0) error = pthread_create(&thread, &detached, &Run, look_up.get());
  (void)pthread_attr_destroy(&detached);
  if (error != 0) {
    return NotResolved(absl::ErrnoToStatus(error, "cannot start a thread").message());
  }
  // The thread's by now.
  (void)look_up.release();
  return absl::OkStatus();
}

void* HostResolver::Run(void* look_up) {
  const std::unique_ptr<LookUp> self(static_cast<LookUp*>(look_up));
  // For whoever looks at the process; it works without.
  (void)pthread_setname_np(pthread_self(), "resolver");
  absl::StatusOr<std::string> addresses = Ask(self->host->name_);
  self->results->Add({.host = std::move(self->host), .addresses = std::move(addresses)});
  self->results->inbox->Wake();
  return nullptr;
}

}  // namespace uid2
