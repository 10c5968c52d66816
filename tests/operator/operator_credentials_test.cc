// SPDX-License-Identifier: Apache-2.0

#include "server/operator/operator_credentials.h"

#include <ostream>
#include <string>
#include <type_traits>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/crypto/aes_gcm.h"
#include "server/secrets/secret.h"
#include "server/secrets/secret_access.h"
#include "tests/matchers/status_matchers.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using uid2::testing::IsOk;
using uid2::testing::StatusIs;

template <typename T, typename = void>
struct IsPrintable : std::false_type {};
template <typename T>
struct IsPrintable<T,
                   std::void_t<decltype(std::declval<std::ostream&>() << std::declval<const T&>())>>
    : std::true_type {};

TEST(OperatorCredentialsTest, ContainTheHeaderAndTheKeyReadyForUse) {
  const std::string secret(32, 's');
  const absl::StatusOr<OperatorCredentialsPtr> credentials =
      OperatorCredentials::New({Secret("the-key"), Secret(std::string(secret))});
  ASSERT_THAT(credentials, IsOk());
  EXPECT_THAT((*credentials)->authorization()->Reveal(SecretAccess()),
              Eq("Authorization: Bearer the-key"));
  EXPECT_THAT((*credentials)->RevealApiKey(SecretAccess()), Eq("the-key"));
  std::string sealed;
  ASSERT_THAT((*credentials)->client_secret().SealWithUniqueIv(std::string(12, 'i'), "x", sealed),
              IsOk());
  EXPECT_THAT(*(*AesGcm::New(secret))->Open(sealed), Eq("x"));
}

TEST(OperatorCredentialsTest, RejectAClientSecretThatIsNotAKey) {
  EXPECT_THAT(OperatorCredentials::New({Secret("the-key"), Secret("short")}),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(OperatorCredentialsTest, AreComparedByThePairThatTheyHold) {
  const auto make = [](const char* key, char secret) {
    return *OperatorCredentials::New({Secret(key), Secret(std::string(32, secret))});
  };
  const OperatorCredentialsPtr pair = make("key", 's');
  EXPECT_TRUE(pair->HasApiKeyOf(*make("key", 'x')));
  EXPECT_FALSE(pair->HasApiKeyOf(*make("kex", 's')));
  EXPECT_TRUE(pair->HasClientSecretOf(*make("other", 's')));
  EXPECT_FALSE(pair->HasClientSecretOf(*make("key", 'x')));
}

TEST(OperatorCredentialsTest, CannotBePrinted) {
  EXPECT_TRUE(IsPrintable<std::string>::value);
  EXPECT_FALSE(IsPrintable<OperatorCredentials>::value);
}

}  // namespace
}  // namespace uid2
