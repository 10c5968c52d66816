// SPDX-License-Identifier: Apache-2.0

#include "server/identity/page_json.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace uid2 {
namespace {

using ::testing::Eq;

std::string Quoted(absl::string_view text) {
  PageJsonWriter writer;
  writer.String(text);
  return writer.Take();
}

TEST(PageJsonWriterTest, PutsCommasAndColonsBetweenItsInputs) {
  PageJsonWriter writer;
  writer.Open('{');
  writer.Key("a");
  writer.Literal("1.10");
  writer.Key("b");
  writer.Open('[');
  writer.String("x");
  writer.Literal("null");
  writer.Open('{');
  writer.Close('}');
  writer.Close(']');
  writer.Key("c");
  writer.Literal("true");
  writer.Close('}');
  EXPECT_THAT(writer.Take(), Eq(R"({"a":1.10,"b":["x",null,{}],"c":true})"));
}

struct EscapeCase {
  const char* situation;
  std::string text;
  const char* json;
};

TEST(PageJsonWriterTest, EscapesWhatJsonOrAScriptElementCannotContain) {
  const EscapeCase cases[] = {
      {"nothing", "", R"("")"},
      {"plain text", "abc é", R"("abc é")"},
      {"a quotation mark and a backslash", R"("\)", R"("\"\\")"},
      {"the end of a script element", "</script>", R"("\u003c/script\u003e")"},
      {"the beginning of a comment", "<!--", R"("\u003c!--")"},
      {"an ampersand", "a&b", R"("a\u0026b")"},
      {"a line end", "a\nb", R"("a\u000ab")"},
      {"NUL", std::string("a\0b", 3), R"("a\u0000b")"},
      {"the last control character", "\x1f", R"("\u001f")"},
      {"U+2028 and U+2029", "\xe2\x80\xa8\xe2\x80\xa9", R"("\u2028\u2029")"},
      {"their neighbours", "\xe2\x80\xa7\xe2\x80\xaa", "\"\xe2\x80\xa7\xe2\x80\xaa\""},
      {"another character with the same first byte", "\xe2\x82\xac", "\"\xe2\x82\xac\""},
      {"U+2028 cut short", "\xe2\x80", "\"\xe2\x80\""},
  };
  for (const EscapeCase& tested : cases) {
    EXPECT_THAT(Quoted(tested.text), Eq(tested.json)) << tested.situation;
  }
}

TEST(PageJsonWriterTest, EscapesKeysToo) {
  PageJsonWriter writer;
  writer.Open('{');
  writer.Key("</script>");
  writer.Literal("1");
  writer.Close('}');
  EXPECT_THAT(writer.Take(), Eq(R"({"\u003c/script\u003e":1})"));
}

}  // namespace
}  // namespace uid2
