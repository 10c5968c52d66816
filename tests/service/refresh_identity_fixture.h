// SPDX-License-Identifier: Apache-2.0

#ifndef TESTS_SERVICE_REFRESH_IDENTITY_FIXTURE_H_
#define TESTS_SERVICE_REFRESH_IDENTITY_FIXTURE_H_

#include <cstdint>
#include <string>

#include "absl/memory/memory.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/call/call_context.h"
#include "server/identity/identity.h"
#include "server/operator/operator_clock.h"
#include "server/service/participant.h"
#include "server/service/refresh_identity.h"
#include "tests/fakes/fake_token_api.h"
#include "tests/fakes/simulated_clock.h"
#include "tests/matchers/status_matchers.h"

namespace uid2::testing {

// A participant whose operator the test answers for. At first an identity of IdentityJson() has
// just become due.
class RefreshIdentityTest : public ::testing::Test {
 protected:
  static constexpr int64_t kRefreshFrom = 1900000900000;
  static constexpr int64_t kIdentityExpires = 1900003600000;
  static constexpr int64_t kRefreshExpires = 1900086400000;
  static constexpr char kKey[] = "lR0PHCyVep1P2jtrJ/QgjMVQTTDj2WsyQrJBjgtvi1k=";

  static std::string IdentityJson(int64_t identity_expires = kIdentityExpires) {
    return absl::StrCat(R"({"advertising_token":"AT","refresh_token":"RT","identity_expires":)",
                        identity_expires, R"(,"refresh_expires":)", kRefreshExpires,
                        R"(,"refresh_from":)", kRefreshFrom, R"(,"refresh_response_key":")", kKey,
                        R"("})");
  }

  static Identity NewIdentity() {
    Identity identity;
    identity.advertising_token = "NEW";
    return identity;
  }

  RefreshIdentityTest()
      : clock_(absl::FromUnixMillis(kRefreshFrom)),
        operator_clock_(clock_),
        context_(clock_.Steady()) {}

  void AdvanceTo(int64_t unix_millis) {
    clock_.Advance(absl::FromUnixMillis(unix_millis) - clock_.Now());
  }

  void Run(const std::string& json, bool force = false) {
    RefreshIdentity(participant_, {json, force}, context_,
                    [this](absl::StatusOr<RefreshIdentityResult> result) { result_ = result; });
  }

  const RefreshIdentityResult& result() {
    EXPECT_THAT(*result_, IsOk());
    return **result_;
  }

  SimulatedClock clock_;
  OperatorClock operator_clock_;
  CallContext context_;
  FakeTokenApi* const api_ = new FakeTokenApi();
  const Participant participant_ = {"brand", DiiPolicy::kStrict, absl::WrapUnique(api_),
                                    operator_clock_};
  absl::optional<absl::StatusOr<RefreshIdentityResult>> result_;
};

}  // namespace uid2::testing

#endif  // TESTS_SERVICE_REFRESH_IDENTITY_FIXTURE_H_
