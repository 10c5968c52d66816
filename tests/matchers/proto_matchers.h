// SPDX-License-Identifier: Apache-2.0

#ifndef TESTS_MATCHERS_PROTO_MATCHERS_H_
#define TESTS_MATCHERS_PROTO_MATCHERS_H_

#include <google/protobuf/text_format.h>
#include <google/protobuf/util/message_differencer.h>

#include <string>
#include <type_traits>

#include "gmock/gmock.h"

namespace uid2::testing {

// Whether a message equals the one given in protobuf's text format. Messages are compared, not
// texts, because protobuf does not promise the exact form of the text.
MATCHER_P(EqualsProto, text, std::string("equals ") + text) {
  std::remove_const_t<std::remove_reference_t<decltype(arg)>> expected;
  if (!google::protobuf::TextFormat::ParseFromString(text, &expected)) {
    *result_listener << "but the expected text cannot be parsed";
    return false;
  }
  std::string differences;
  google::protobuf::util::MessageDifferencer differencer;
  differencer.ReportDifferencesToString(&differences);
  const bool equal = differencer.Compare(expected, arg);
  if (!equal) *result_listener << "with these differences:\n" << differences;
  return equal;
}

}  // namespace uid2::testing

#endif  // TESTS_MATCHERS_PROTO_MATCHERS_H_
