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
  EXPECT_THAT((*credentials)->authorization().Reveal(), Eq("Authorization: Bearer the-key"));
  EXPECT_THAT((*credentials)->RevealApiKey(), Eq("the-key"));
  std::string sealed;
  ASSERT_THAT((*credentials)->client_secret().SealWithUniqueIv(std::string(12, 'i'), "x", sealed),
              IsOk());
  EXPECT_THAT(*(*AesGcm::New(secret))->Open(sealed), Eq("x"));
}

TEST(OperatorCredentialsTest, RejectAClientSecretThatIsNotAKey) {
  EXPECT_THAT(OperatorCredentials::New({Secret("the-key"), Secret("short")}),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(OperatorCredentialsTest, CannotBePrinted) {
  EXPECT_TRUE(IsPrintable<std::string>::value);
  EXPECT_FALSE(IsPrintable<OperatorCredentials>::value);
}

}  // namespace
}  // namespace uid2
