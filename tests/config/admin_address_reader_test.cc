// SPDX-License-Identifier: Apache-2.0

#include "server/config/admin_address_reader.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/config/load_configuration_fixture.h"

namespace uid2 {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using uid2::testing::kParticipant;
using uid2::testing::LoadConfigurationTest;

using AdminAddressTest = LoadConfigurationTest;

TEST_F(AdminAddressTest, AnyAddressIsAcceptedWithoutInsecure) {
  for (const char* address :
       {"0.0.0.0:9090", "[::]:9090", "10.0.0.1:0", "127.0.0.1:0", "localhost:9090"}) {
    const LoadedConfiguration loaded =
        Load(absl::StrCat("admin_address: \"", address, "\"\n", kParticipant));
    EXPECT_THAT(loaded.problems, IsEmpty());
    EXPECT_THAT(loaded.notices, IsEmpty());
    ASSERT_TRUE(loaded.configuration.has_value());
    EXPECT_THAT(loaded.configuration->admin_address, Eq(address));
  }
}

TEST_F(AdminAddressTest, AMalformedAddressIsAProblemOfItsField) {
  EXPECT_THAT(Load(absl::StrCat(kParticipant, "admin_address: \"9090\"")).problems,
              ElementsAre(HasSubstr(": admin_address: must be \"HOST:PORT\"")));
}

TEST_F(AdminAddressTest, ThePortOfListenAddressIsAProblemOnAnyHost) {
  for (const char* address : {"127.0.0.1:50051", "0.0.0.0:50051", "[::1]:50051"}) {
    EXPECT_THAT(
        Load(absl::StrCat(kParticipant, "admin_address: \"", address, "\"")).problems,
        ElementsAre(EndsWith(": admin_address: must have another port than listen_address, which "
                             "is 127.0.0.1:50051")));
  }
}

TEST_F(AdminAddressTest, BothMayPickAFreePort) {
  EXPECT_THAT(Load(absl::StrCat("listen_address: \"127.0.0.1:0\" admin_address: \"127.0.0.1:0\"\n",
                                kParticipant))
                  .problems,
              IsEmpty());
}

}  // namespace
}  // namespace uid2
