// SPDX-License-Identifier: Apache-2.0

#include "server/http/curl/curl_handle.h"

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/matchers/status_matchers.h"

namespace uid2 {
namespace {

using ::testing::HasSubstr;
using uid2::testing::IsOk;
using uid2::testing::StatusIs;

TEST(CurlHandleTest, NamesTheOptionThatLibcurlRejects) {
  absl::StatusOr<CurlHandle> handle = CurlHandle::New();
  ASSERT_THAT(handle, IsOk());
  EXPECT_THAT(handle->Set<CURLOPT_NOSIGNAL>(1L), IsOk());
  EXPECT_THAT(handle->Set<CURLOPT_SSLVERSION>(999L),
              StatusIs(absl::StatusCode::kInternal, HasSubstr("SSLVERSION")));
  EXPECT_THAT(handle->Set<CURLOPT_PROTOCOLS_STR>("http,nonsense"),
              StatusIs(absl::StatusCode::kInternal, HasSubstr("PROTOCOLS_STR")));
}

}  // namespace
}  // namespace uid2
