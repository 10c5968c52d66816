// SPDX-License-Identifier: Apache-2.0

#include "server/operator/operator_credentials_provider.h"

#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/secrets/secret_access.h"
#include "tests/fakes/fake_attempt_api.h"

namespace uid2 {
namespace {

using ::testing::AnyOf;
using ::testing::Eq;
using uid2::testing::TestCredentials;

TEST(OperatorCredentialsProviderTest, ReturnsTheLatestCredentials) {
  const OperatorCredentialsPtr first = TestCredentials("first");
  const OperatorCredentialsPtr second = TestCredentials("second");
  OperatorCredentialsProvider provider(first);
  EXPECT_THAT(provider.Current(), Eq(first));
  provider.Replace(second);
  EXPECT_THAT(provider.Current(), Eq(second));
}

TEST(OperatorCredentialsProviderTest, ReplacedCredentialsLiveUntilTheLastSnapshotIsReleased) {
  OperatorCredentialsProvider provider(TestCredentials("first"));
  OperatorCredentialsPtr snapshot = provider.Current();
  const std::weak_ptr<const OperatorCredentials> watched = snapshot;
  provider.Replace(TestCredentials("second"));
  EXPECT_THAT(snapshot->RevealApiKey(SecretAccess()), Eq("first"));
  snapshot.reset();
  EXPECT_TRUE(watched.expired());
}

TEST(OperatorCredentialsProviderTest, ConcurrentReadersSeeOldOrNewCredentials) {
  OperatorCredentialsProvider provider(TestCredentials("0"));
  std::vector<std::thread> readers;
  for (int i = 0; i < 4; ++i) {
    readers.emplace_back([&provider] {
      for (int reads = 0; reads < 1000; ++reads) {
        EXPECT_THAT(provider.Current()->RevealApiKey(SecretAccess()), AnyOf(Eq("0"), Eq("1")));
      }
    });
  }
  for (int i = 0; i < 100; ++i) provider.Replace(TestCredentials(i % 2 == 0 ? "1" : "0"));
  for (std::thread& reader : readers) reader.join();
}

}  // namespace
}  // namespace uid2
