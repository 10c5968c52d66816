// SPDX-License-Identifier: Apache-2.0

#ifndef TESTS_FAKES_NAME_SERVICE_H_
#define TESTS_FAKES_NAME_SERVICE_H_

#include <map>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace uid2::testing {

// Replaces the C library's resolver in the whole process: getaddrinfo() finds the names set here
// and nothing else. There can be only one instance at a time. Thread-safe.
class NameService {
 public:
  NameService();
  // Lets all look-ups finish, and waits for them.
  ~NameService();

  // IPv4 and IPv6 addresses, in this order. If there are none, the name does not exist.
  void Set(const std::string& name, std::vector<std::string> addresses);
  // Look-ups of `name` fail until the next Set().
  void Fail(const std::string& name);

  // Look-ups of `name` block until Release().
  void Hold(const std::string& name);
  void Release(const std::string& name);

  // The look-ups of `name` that have begun, those that have ended, and the most at any one time.
  int begun(const std::string& name) const;
  int ended(const std::string& name) const;
  int most_at_once(const std::string& name) const;

  // Waits up to ten seconds; returns whether at least `count` have begun.
  bool AwaitBegun(const std::string& name, int count) const;

  // Like getaddrinfo(), but returns the addresses that were set.
  int LookUp(const std::string& name, std::vector<std::string>& addresses);

 private:
  struct Name {
    std::vector<std::string> addresses;
    bool fails = false;
    bool held = false;
    int begun = 0;
    int ended = 0;
    int most_at_once = 0;
  };

  Name Of(const std::string& name) const;

  mutable absl::Mutex mutex_;
  std::map<std::string, Name> names_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace uid2::testing

#endif  // TESTS_FAKES_NAME_SERVICE_H_
