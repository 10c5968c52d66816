// SPDX-License-Identifier: Apache-2.0

#include "server/http/reply_size.h"

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "tests/matchers/status_matchers.h"

namespace uid2::testing {
namespace {

TEST(ReplySizeTest, AnErrorNamesTheLimit) {
  EXPECT_THAT(ReplyTooLarge(1000), StatusIs(absl::StatusCode::kResourceExhausted,
                                            "the reply is larger than 1000 bytes"));
  EXPECT_THAT(ReplyHeadTooLarge(), StatusIs(absl::StatusCode::kResourceExhausted,
                                            "the reply's header is larger than 65536 bytes"));
}

}  // namespace
}  // namespace uid2::testing
