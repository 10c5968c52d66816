// SPDX-License-Identifier: Apache-2.0

#include "server/http/wire/origin.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace uid2 {
namespace {

// As HostAddresses writes it.
std::string AddressText(const std::string& host) {
  return IsIpv6Address(host) ? absl::StrCat("[", host, "]") : host;
}

bool IsTls(const Url& url) { return url.scheme == "https"; }

std::string NameIn(const Url& url) { return IsIpAddress(url.host) ? "" : url.host; }

}  // namespace

Origin::Origin(const Url& url, HostResolver& resolver)
    : tls_(IsTls(url)),
      host_(url.host),
      port_(url.port),
      target_host_(NameIn(url), absl::StrCat(url.port), resolver) {}

bool Origin::IsFor(const Url& url) const {
  return tls_ == IsTls(url) && port_ == url.port && absl::EqualsIgnoreCase(host_, url.host);
}

Origin::Choice Origin::Choose(TimePoint now, HostAddresses::Id avoid) {
  if (target_host_.host() == nullptr) {
    return {.picked = HostAddresses::IdOf(AddressText(host_))};
  }
  const HostAddresses* const addresses = target_host_.Addresses(now);
  if (addresses == nullptr) return {};
  Choice made = {.picked = addresses->Pick(now, avoid).id};
  const HostAddresses::Address* const departing = addresses->departing(now, avoid);
  if (departing != nullptr) made.departing = departing->id;
  made.has_alternative = addresses->HasAlternative(now, made.picked);
  return made;
}

HostAddresses::Id Origin::PickAgain(TimePoint now, HostAddresses::Id avoid) const {
  if (target_host_.host() == nullptr) return HostAddresses::IdOf(AddressText(host_));
  return target_host_.host()->addresses().Pick(now, avoid).id;
}

std::vector<std::string> Origin::AddressesToDial(TimePoint now, HostAddresses::Id avoid) {
  if (target_host_.host() == nullptr) return {AddressText(host_)};
  const HostAddresses& addresses = target_host_.host()->addresses();
  return absl::StrSplit(addresses.ListFrom(addresses.Pick(now, avoid)), ',');
}

std::shared_ptr<const WirePeer> Origin::PeerNamed(absl::string_view text) {
  for (const std::shared_ptr<const WirePeer>& peer : peers_) {
    if (peer->text == text) return peer;
  }
  std::erase_if(peers_, [](const auto& peer) { return peer.use_count() == 1; });
  peers_.push_back(
      std::make_shared<const WirePeer>(WirePeer{std::string(text), TargetHost::IdOf(text)}));
  return peers_.back();
}

OpeningLimit& Origin::LimitOf(HostAddresses::Id address, TimePoint now) {
  const auto found = limits_.find(address);
  if (found != limits_.end()) return found->second;
  absl::erase_if(limits_, [now](const auto& limit) { return limit.second.forgotten(now); });
  return limits_[address];
}

}  // namespace uid2
