// SPDX-License-Identifier: Apache-2.0

#include "server/http/target_host.h"

namespace uid2 {
namespace {

// The address in a peer: "[2001:db8::1]" in "[2001:db8::1]:443".
absl::string_view AddressIn(absl::string_view peer) { return peer.substr(0, peer.rfind(':')); }

}  // namespace

void TargetHost::OnSuccess(absl::string_view peer, TimePoint now) {
  if (host_ != nullptr) host_->addresses().OnSuccess(AddressIn(peer), now);
}

void TargetHost::OnFailure(absl::string_view peer, double weight, TimePoint now) {
  if (host_ == nullptr) return;
  HostAddresses& addresses = host_->addresses();
  addresses.OnFailure(AddressIn(peer), weight, now);
  if (addresses.AllFailing(now)) resolver_->LookUpAgain(host_, now);
}

HostAddresses::Id TargetHost::IdOf(absl::string_view peer) {
  return HostAddresses::IdOf(AddressIn(peer));
}

}  // namespace uid2
