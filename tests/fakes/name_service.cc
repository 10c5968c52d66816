// SPDX-License-Identifier: Apache-2.0

#include "tests/fakes/name_service.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "absl/base/attributes.h"
#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace uid2::testing {
namespace {

// Look-ups hold it while they use `present`.
ABSL_CONST_INIT absl::Mutex presence(absl::kConstInit);
NameService* present ABSL_GUARDED_BY(presence) = nullptr;

// The address follows its entry in the same allocation.
struct Entry {
  addrinfo info;
  sockaddr_in6 address;
};

// Aborts if `address` is not one.
addrinfo* MakeEntry(const std::string& address, addrinfo* next) {
  auto* const entry = static_cast<Entry*>(calloc(1, sizeof(Entry)));
  auto* const v4 = reinterpret_cast<sockaddr_in*>(&entry->address);
  entry->info.ai_addr = reinterpret_cast<sockaddr*>(&entry->address);
  entry->info.ai_socktype = SOCK_STREAM;
  entry->info.ai_next = next;
  if (inet_pton(AF_INET, address.c_str(), &v4->sin_addr) == 1) {
    entry->info.ai_family = v4->sin_family = AF_INET;
    entry->info.ai_addrlen = sizeof(sockaddr_in);
  } else if (inet_pton(AF_INET6, address.c_str(), &entry->address.sin6_addr) == 1) {
    entry->info.ai_family = entry->address.sin6_family = AF_INET6;
    entry->info.ai_addrlen = sizeof(sockaddr_in6);
  } else {
    std::abort();
  }
  return &entry->info;
}

}  // namespace

NameService::NameService() {
  absl::WriterMutexLock lock(&presence);
  present = this;
}

NameService::~NameService() {
  {
    absl::MutexLock lock(&mutex_);
    for (auto& [text, name] : names_) name.held = false;
  }
  absl::WriterMutexLock lock(&presence);
  present = nullptr;
}

void NameService::Set(const std::string& name, std::vector<std::string> addresses) {
  absl::MutexLock lock(&mutex_);
  names_[name].addresses = std::move(addresses);
  names_[name].fails = false;
}

void NameService::Fail(const std::string& name) {
  absl::MutexLock lock(&mutex_);
  names_[name].fails = true;
}

void NameService::Hold(const std::string& name) {
  absl::MutexLock lock(&mutex_);
  names_[name].held = true;
}

void NameService::Release(const std::string& name) {
  absl::MutexLock lock(&mutex_);
  names_[name].held = false;
}

int NameService::begun(const std::string& name) const { return Of(name).begun; }

int NameService::ended(const std::string& name) const { return Of(name).ended; }

int NameService::most_at_once(const std::string& name) const { return Of(name).most_at_once; }

bool NameService::AwaitBegun(const std::string& name, int count) const {
  absl::MutexLock lock(&mutex_);
  const auto begun = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const auto found = names_.find(name);
    return found != names_.end() && found->second.begun >= count;
  };
  return mutex_.AwaitWithTimeout(absl::Condition(&begun), absl::Seconds(10));
}

int NameService::LookUp(const std::string& name, std::vector<std::string>& addresses) {
  absl::MutexLock lock(&mutex_);
  Name& found = names_[name];
  ++found.begun;
  found.most_at_once = std::max(found.most_at_once, found.begun - found.ended);
  const auto may_end = [&found] { return !found.held; };
  mutex_.Await(absl::Condition(&may_end));
  ++found.ended;
  if (found.fails) return EAI_AGAIN;
  addresses = found.addresses;
  return addresses.empty() ? EAI_NONAME : 0;
}

NameService::Name NameService::Of(const std::string& name) const {
  absl::MutexLock lock(&mutex_);
  const auto found = names_.find(name);
  return found == names_.end() ? Name() : found->second;
}

}  // namespace uid2::testing

// The parameters have the names of the C library's declarations.
extern "C" int getaddrinfo(const char* name, const char* /*service*/, const addrinfo* /*req*/,
                           addrinfo** pai) {
  std::vector<std::string> addresses;
  int error = EAI_FAIL;
  {
    absl::ReaderMutexLock lock(&uid2::testing::presence);
    if (uid2::testing::present == nullptr) return EAI_FAIL;
    error = uid2::testing::present->LookUp(name, addresses);
  }
  *pai = nullptr;
  for (auto last = addresses.rbegin(); error == 0 && last != addresses.rend(); ++last) {
    *pai = uid2::testing::MakeEntry(*last, *pai);
  }
  return error;
}

extern "C" void freeaddrinfo(addrinfo* ai) noexcept {
  while (ai != nullptr) {
    addrinfo* const next = ai->ai_next;
    free(ai);
    ai = next;
  }
}
