#include "server/identity/json_writer.h"

#include <string>

#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace uid2 {
namespace {

using ::testing::Eq;

TEST(JsonWriterTest, CommasAndColonsFollowFromTheOrderOfCalls) {
  JsonWriter writer;
  writer.Open('{');
  writer.Key("a");
  writer.Literal("1.10");
  writer.Key("b");
  writer.Open('[');
  writer.String("x");
  writer.Literal("null");
  writer.Open('[');
  writer.Close(']');
  writer.Open('{');
  writer.Close('}');
  writer.Close(']');
  writer.Key("c");
  writer.Literal("true");
  writer.Close('}');
  EXPECT_THAT(writer.Take(), Eq(R"({"a":1.10,"b":["x",null,[],{}],"c":true})"));
}

struct StringCase {
  const char* situation;
  absl::string_view text;
  const char* json;
};

TEST(JsonWriterTest, StringsAreSafeInsideAScriptElement) {
  for (const StringCase& expected : {
           StringCase{"empty", "", R"("")"},
           StringCase{"plain", "user", R"("user")"},
           StringCase{"quote and backslash", "a\"b\\c", R"("a\"b\\c")"},
           StringCase{"end of script", "</script>", R"("\u003c/script\u003e")"},
           StringCase{"comment", "<!--", R"("\u003c!--")"},
           StringCase{"entity", "&amp;", R"("\u0026amp;")"},
           StringCase{"line separator", "a\u2028b", R"("a\u2028b")"},
           StringCase{"paragraph separator", "a\u2029b", R"("a\u2029b")"},
           StringCase{"its neighbours", "\u2027\u202a", "\"\u2027\u202a\""},
           StringCase{"other scripts", "\u00fc\u4e2d\U0001f600", "\"\u00fc\u4e2d\U0001f600\""},
           StringCase{"delete", "\x7f", "\"\x7f\""},
       }) {
    JsonWriter writer;
    writer.String(expected.text);
    EXPECT_THAT(writer.Take(), Eq(expected.json)) << expected.situation;
  }
}

TEST(JsonWriterTest, ControlCharactersAreEscaped) {
  for (int byte = 0; byte < 0x20; ++byte) {
    JsonWriter writer;
    const char character = static_cast<char>(byte);
    writer.String(absl::string_view(&character, 1));
    const std::string json = writer.Take();
    EXPECT_THAT(json[1], Eq('\\')) << byte;
    EXPECT_THAT(json.find(character), Eq(std::string::npos)) << byte;
  }
}

TEST(JsonWriterTest, KeysAreEscapedLikeStrings) {
  JsonWriter writer;
  writer.Open('{');
  writer.Key("<a>");
  writer.String("b");
  writer.Close('}');
  EXPECT_THAT(writer.Take(), Eq(R"({"\u003ca\u003e":"b"})"));
}

}  // namespace
}  // namespace uid2
