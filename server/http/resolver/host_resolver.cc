// SPDX-License-Identifier: Apache-2.0

#include "server/http/resolver/host_resolver.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "server/event/thread.h"

namespace uid2 {
namespace {

// How long old addresses may be used: after address_age, while the next look-up is in progress; and
// after they were found, while look-ups fail.
constexpr auto kUsable = std::chrono::minutes(5);
constexpr auto kUsableWithoutNameServer = std::chrono::hours(1);

// The shortest time from one look-up to the next if there are usable addresses.
constexpr auto kPause = std::chrono::seconds(1);

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

// Blocks as long as the system's resolver does.
absl::StatusOr<std::vector<std::string>> Ask(const std::string& name) {
  addrinfo hints = {};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(name.c_str(), nullptr, &hints, &found);
  if (error == EAI_SYSTEM) return NotResolved(absl::ErrnoToStatus(errno, "system").message());
  if (error != 0) return NotResolved(gai_strerror(error));
  std::vector<std::string> addresses;
  for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
    std::string text = TextOf(*each->ai_addr);
    if (!text.empty()) addresses.push_back(std::move(text));
  }
  freeaddrinfo(found);
  if (addresses.empty()) return NotResolved("no IP address");
  return addresses;
}

}  // namespace

std::shared_ptr<HostResolver::Host> HostResolver::HostNamed(absl::string_view name) {
  const std::string lower = absl::AsciiStrToLower(name);
  const auto found = hosts_.find(lower);
  if (found != hosts_.end()) return found->second;
  // A look-up in progress owns its host.
  absl::erase_if(hosts_, [](const auto& host) { return host.second.use_count() == 1; });
  return hosts_[lower] = std::make_shared<Host>(lower);
}

HostAddresses* HostResolver::AgedAddressesOf(const std::shared_ptr<Host>& host, TimePoint now) {
  if (now >= host->next_look_up_) Begin(host);
  return now < host->usable_until_ ? &host->addresses_ : nullptr;
}

void HostResolver::LookUpAgain(const std::shared_ptr<Host>& host, TimePoint now) {
  if (host->next_look_up_ == TimePoint::max()) return;
  host->next_look_up_ = std::min(host->next_look_up_, std::max(now, host->found_ + kPause));
  host->fresh_until_ = std::min(host->fresh_until_, host->next_look_up_);
  if (now >= host->next_look_up_) Begin(host);
}

void HostResolver::Begin(const std::shared_ptr<Host>& host) {
  host->next_look_up_ = TimePoint::max();
  metrics_.look_ups.Increment();
  const auto look_up = [this, tasks = tasks_, host]() mutable {
    absl::StatusOr<std::vector<std::string>> addresses = Ask(host->name_);
    // `this` is used only on the loop's thread. If the loop has ended, nothing is posted.
    (void)tasks.Post([this, host, addresses = std::move(addresses)] { Answer(host, addresses); });
  };
  const absl::Status status = Thread::StartDetached("resolver", look_up);
  if (status.ok()) return;
  (void)tasks_.Post([this, host, status = NotResolved(status.message())] { Answer(host, status); });
}

void HostResolver::Answer(const std::shared_ptr<Host>& host,
                          const absl::StatusOr<std::vector<std::string>>& addresses) {
  const TimePoint now = now_();
  listener_(host, Update(*host, addresses, now), now);
}

absl::Status HostResolver::Update(Host& host,
                                  const absl::StatusOr<std::vector<std::string>>& addresses,
                                  TimePoint now) {
  if (addresses.ok()) {
    host.found_ = now;
    host.fresh_until_ = now + absl::ToChronoNanoseconds(address_age_);
    host.usable_until_ = host.fresh_until_ + kUsable;
    host.next_look_up_ = host.fresh_until_;
    host.addresses_.Update(*addresses, now);
    return absl::OkStatus();
  }
  metrics_.look_up_failures.Increment();
  if (!host.addresses_.empty()) host.usable_until_ = host.found_ + kUsableWithoutNameServer;
  if (now >= host.usable_until_) {
    // The next request for the host begins another look-up.
    host.next_look_up_ = now;
    return addresses.status();
  }
  host.next_look_up_ = now + kPause;
  return absl::OkStatus();
}

}  // namespace uid2
