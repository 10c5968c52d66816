// SPDX-License-Identifier: Apache-2.0

#include "server/secrets/pasted_line.h"

#include "gtest/gtest.h"

namespace uid2 {
namespace {

TEST(PastedLineTest, AQuotationMarkAtEitherEndIsOneTooMany) {
  for (const char* text : {"\"value\"", "'value'", "`value`", "\"value", "value'", "'"}) {
    EXPECT_TRUE(IsQuoted(text)) << text;
  }
  for (const char* text : {"value", "va'lue", "="}) EXPECT_FALSE(IsQuoted(text)) << text;
}

TEST(PastedLineTest, AnAssignmentHasANameAndAValue) {
  for (const char* text : {"API_KEY=value", "api_key:value", "KEY==value", "K='value'"}) {
    EXPECT_TRUE(IsAssignment(text)) << text;
  }
  for (const char* text : {"value", "dmFsdWU=", "dmFsdQ==", "=value", "two words=value", ""}) {
    EXPECT_FALSE(IsAssignment(text)) << text;
  }
}

}  // namespace
}  // namespace uid2
