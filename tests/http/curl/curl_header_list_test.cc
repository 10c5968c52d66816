// SPDX-License-Identifier: Apache-2.0

#include "server/http/curl/curl_header_list.h"

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/secrets/secret.h"
#include "tests/matchers/status_matchers.h"

namespace uid2 {
namespace {

using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::Not;
using uid2::testing::IsOk;
using uid2::testing::StatusIs;

TEST(CurlHeaderListTest, ContainsTheFieldsInOrderAndNoExpect) {
  const absl::StatusOr<CurlHeaderList> list =
      CurlHeaderList::New({"Authorization: Bearer k", "Content-Type:text/plain"});
  ASSERT_THAT(list, IsOk());
  std::vector<std::string> fields;
  for (const curl_slist* field = list->get(); field != nullptr; field = field->next) {
    fields.push_back(field->data);
  }
  EXPECT_THAT(fields, ElementsAre("Authorization: Bearer k", "Content-Type:text/plain", "Expect:"));
}

TEST(CurlHeaderListTest, TheSecretFieldComesFirst) {
  const Secret secret(std::string("Authorization: Bearer k"));
  const absl::StatusOr<CurlHeaderList> list = CurlHeaderList::New({"A: b"}, &secret);
  ASSERT_THAT(list, IsOk());
  EXPECT_THAT(std::string(list->get()->data), Eq("Authorization: Bearer k"));
  EXPECT_THAT(std::string(list->get()->next->data), Eq("A: b"));
  const Secret bad(std::string("Authorization: secret\nA: b"));
  EXPECT_THAT(CurlHeaderList::New({}, &bad),
              StatusIs(absl::StatusCode::kInternal, Not(HasSubstr("secret"))));
}

TEST(CurlHeaderListTest, RejectsAnInvalidFieldWithoutRepeatingIt) {
  const std::vector<std::string> bad = {
      "",
      "no colon secret",
      ": secret",
      "secret:",
      "secret: \t",
      "a: secret\r\nb: c",
      "a: secret\n",
      "a: secret\r",
      std::string("a: secret\0b", 11),
  };
  for (const std::string& field : bad) {
    EXPECT_THAT(CurlHeaderList::New({"Good: one", field}),
                StatusIs(absl::StatusCode::kInternal, Not(HasSubstr("secret"))))
        << field;
  }
}

}  // namespace
}  // namespace uid2
