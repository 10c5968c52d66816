// SPDX-License-Identifier: Apache-2.0

#include "server/http/wire/dialer.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "server/http/peer_socket.h"

namespace uid2 {
namespace {

// RFC 8305 recommends 250 ms, libcurl uses this.
constexpr std::chrono::milliseconds kHeadStart(200);

bool IsIpv6(absl::string_view address) { return address.front() == '['; }

// The first address; then those of the other kind and of its own take turns.
std::vector<std::string> InOrder(const std::vector<std::string>& addresses, int port) {
  const bool first_kind = IsIpv6(addresses.front());
  std::vector<std::string> peers;
  auto own = addresses.begin();
  auto other = addresses.begin();
  while (peers.size() < addresses.size()) {
    const bool own_turn = peers.size() % 2 == 0;
    own = std::find_if(own, addresses.end(),
                       [&](const std::string& text) { return IsIpv6(text) == first_kind; });
    other = std::find_if(other, addresses.end(),
                         [&](const std::string& text) { return IsIpv6(text) != first_kind; });
    auto& next = (own_turn || other == addresses.end()) && own != addresses.end() ? own : other;
    peers.push_back(absl::StrCat(*next++, ":", port));
  }
  return peers;
}

struct Address {
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&bytes); }

  sockaddr_storage bytes = {};
  socklen_t size = 0;
};

// The network interface of an IPv6 address, which is named or numbered after a percent sign; 0 if
// there is none.
uint32_t ScopeOf(absl::string_view ip) {
  const size_t percent = ip.find('%');
  if (percent == absl::string_view::npos) return 0;
  const std::string zone(ip.substr(percent + 1));
  uint32_t number = 0;
  return absl::SimpleAtoi(zone, &number) ? number : if_nametoindex(zone.c_str());
}

// The size is 0 if `peer` is not an address and a port.
Address Parse(absl::string_view peer) {
  const size_t colon = peer.rfind(':');
  const std::string ip = absl::StrReplaceAll(peer.substr(0, colon), {{"[", ""}, {"]", ""}});
  uint32_t port = 0;
  if (!absl::SimpleAtoi(peer.substr(colon + 1), &port)) return {};
  Address address;
  auto& v4 = reinterpret_cast<sockaddr_in&>(address.bytes);
  auto& v6 = reinterpret_cast<sockaddr_in6&>(address.bytes);
  if (inet_pton(AF_INET, ip.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(static_cast<uint16_t>(port));
    address.size = sizeof(v4);
  } else if (inet_pton(AF_INET6, ip.substr(0, ip.find('%')).c_str(), &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(static_cast<uint16_t>(port));
    v6.sin6_scope_id = ScopeOf(ip);
    address.size = sizeof(v6);
  }
  return address;
}

// 0 if the socket is connected, EINPROGRESS if it is not yet, or the errno with which it failed.
int ErrorOf(int fd) {
  int error = 0;
  socklen_t size = sizeof(error);
  if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0) return errno;
  if (error != 0) return error;
  sockaddr_storage peer;
  size = sizeof(peer);
  if (getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) == 0) return 0;
  return errno == ENOTCONN ? EINPROGRESS : errno;
}

}  // namespace

Dialer::Dial::~Dial() { dialer_.Abandon(*this); }

Dialer::Dialer(EventLoop& loop, absl::Duration user_timeout)
    : loop_(loop),
      user_timeout_(user_timeout),
      next_(loop, [this](TimePoint now) { TryDue(now); }) {}

std::unique_ptr<Dialer::Dial> Dialer::Begin(const std::vector<std::string>& addresses, int port,
                                            Counter opened, Listener& listener) {
  std::unique_ptr<Dial> dial(new Dial(*this, InOrder(addresses, port), opened, listener));
  Schedule(*dial, EventLoop::Alarm::kAtOnce);
  return dial;
}

void Dialer::OnEvents(int fd, uint32_t /*events*/) {
  const auto found = connecting_.find(fd);
  if (found == connecting_.end()) return;
  Dial& dial = *found->second;
  const int error = ErrorOf(fd);
  if (error == EINPROGRESS) return;
  const auto tried = static_cast<size_t>(
      std::find_if(dial.sockets_.begin(), dial.sockets_.end(),
                   [fd](const FileDescriptor& socket) { return socket.get() == fd; }) -
      dial.sockets_.begin());
  FileDescriptor socket = Forget(dial, tried);
  if (error == 0) return Connected(dial, tried, std::move(socket));
  dial.tries_[tried].error = error;
  socket = FileDescriptor();
  TryNext(dial, std::chrono::steady_clock::now());
}

void Dialer::TryDue(TimePoint now) {
  // Excludes dials that a listener begins here, or one that always begins again would not end.
  for (size_t due = waiting_.size(); due > 0 && !waiting_.empty(); --due) {
    if (waiting_.begin()->first > now) break;
    TryNext(*waiting_.begin()->second, now);
  }
  if (!waiting_.empty()) next_.SetIfEarlier(waiting_.begin()->first);
}

void Dialer::TryNext(Dial& dial, TimePoint now) {
  waiting_.erase({dial.next_, &dial});
  int error = 0;
  while (dial.tries_.size() < dial.peers_.size()) {
    error = Connect(dial, dial.peers_[dial.tries_.size()]);
    if (error == 0) {
      if (dial.tries_.size() < dial.peers_.size()) Schedule(dial, now + kHeadStart);
      return;
    }
  }
  const bool in_progress = std::any_of(dial.sockets_.begin(), dial.sockets_.end(),
                                       [](const FileDescriptor& fd) { return fd.valid(); });
  if (!in_progress) dial.listener_.OnNotConnected(dial, dial.tries_.back().error);
}

int Dialer::Connect(Dial& dial, const std::string& peer) {
  dial.tries_.push_back({.peer = peer});
  dial.sockets_.emplace_back();
  int& error = dial.tries_.back().error;
  const Address address = Parse(peer);
  if (address.size == 0) return error = EINVAL;
  absl::StatusOr<FileDescriptor> socket = OpenPeerSocket(address.bytes.ss_family, user_timeout_);
  if (!socket.ok()) return error = EMFILE;
  dial.opened_.Increment();
  if (connect(socket->get(), address.get(), address.size) != 0 && errno != EINPROGRESS) {
    return error = errno;
  }
  // A connection that has succeeded at once has its event at once.
  if (!loop_.Watch(socket->get(), EPOLLOUT, *this).ok()) return error = ENOMEM;
  connecting_[socket->get()] = &dial;
  dial.sockets_.back() = *std::move(socket);
  return 0;
}

void Dialer::Schedule(Dial& dial, TimePoint next) {
  dial.next_ = next;
  waiting_.emplace(next, &dial);
  next_.SetIfEarlier(next);
}

void Dialer::Connected(Dial& dial, size_t tried, FileDescriptor socket) {
  Abandon(dial);
  // Nothing is known about those that began later and are still in progress.
  const auto later = dial.tries_.begin() + static_cast<std::ptrdiff_t>(tried) + 1;
  dial.tries_.erase(
      std::remove_if(later, dial.tries_.end(), [](const Try& other) { return other.error == 0; }),
      dial.tries_.end());
  dial.listener_.OnConnected(dial, std::move(socket), dial.tries_[tried].peer);
}

void Dialer::Abandon(Dial& dial) {
  waiting_.erase({dial.next_, &dial});
  for (size_t i = 0; i < dial.sockets_.size(); ++i) {
    if (dial.sockets_[i].valid()) (void)Forget(dial, i);
  }
}

FileDescriptor Dialer::Forget(Dial& dial, size_t tried) {
  const int fd = dial.sockets_[tried].get();
  connecting_.erase(fd);
  loop_.Unwatch(fd);
  return std::move(dial.sockets_[tried]);
}

}  // namespace uid2
