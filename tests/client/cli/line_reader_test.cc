// SPDX-License-Identifier: Apache-2.0

#include "client/cli/line_reader.h"

#include <unistd.h>

#include <array>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/event/file_descriptor.h"
#include "tests/matchers/status_matchers.h"

namespace uid2::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::IsEmpty;
using uid2::testing::IsOk;
using uid2::testing::StatusIs;

class LineReaderTest : public ::testing::Test {
 protected:
  LineReaderTest() {
    std::array<int, 2> ends;
    EXPECT_THAT(pipe(ends.data()), Eq(0));
    ours_ = FileDescriptor(ends[1]);
    theirs_ = FileDescriptor(ends[0]);
  }

  void Write(absl::string_view text) {
    EXPECT_THAT(write(ours_.get(), text.data(), text.size()),
                Eq(static_cast<ssize_t>(text.size())));
  }

  // What `reader` has read completely, as "NUMBER:TEXT", with a "!" if the text was cut.
  static std::vector<std::string> Lines(LineReader& reader) {
    std::vector<std::string> lines;
    for (;;) {
      const absl::optional<NumberedLine> line = reader.Next();
      if (!line.has_value()) return lines;
      const size_t size = line->text.size();
      lines.push_back(absl::StrCat(line->number, ":",
                                   size > 20 ? absl::StrCat(size, " bytes") : line->text,
                                   line->is_cut ? "!" : ""));
    }
  }

  FileDescriptor ours_;
  FileDescriptor theirs_;
};

TEST_F(LineReaderTest, LinesAreReturnedOnceTheyAreComplete) {
  LineReader reader(theirs_.get());
  EXPECT_THAT(Lines(reader), IsEmpty());
  Write("\xef\xbb\xbfone\r\n\ntw");
  ASSERT_THAT(reader.Fill(), IsOk());
  EXPECT_THAT(Lines(reader), ElementsAre("1:one", "2:"));
  Write("o\nthree");
  ASSERT_THAT(reader.Fill(), IsOk());
  EXPECT_THAT(Lines(reader), ElementsAre("3:two"));
  EXPECT_FALSE(reader.ended());
  EXPECT_FALSE(reader.last_is_unfinished());
  ours_ = FileDescriptor();
  ASSERT_THAT(reader.Fill(), IsOk());
  EXPECT_FALSE(reader.ended());
  EXPECT_THAT(Lines(reader), ElementsAre("4:three"));
  EXPECT_TRUE(reader.ended());
  EXPECT_TRUE(reader.last_is_unfinished());
  EXPECT_THAT(reader.bytes(), Eq(18));
}

TEST_F(LineReaderTest, ALineThatIsTooLongIsCutAndItsRestIsNoLine) {
  for (const size_t over : {size_t{1}, size_t{100'000}}) {
    LineReader reader(theirs_.get());
    const std::string text = std::string(LineReader::kMaxLine + over, 'x') + "\nnext\n";
    std::vector<std::string> lines;
    for (size_t begin = 0; begin < text.size(); begin += 4096) {
      Write(absl::string_view(text).substr(begin, 4096));
      ASSERT_THAT(reader.Fill(), IsOk());
      for (const std::string& line : Lines(reader)) lines.push_back(line);
    }
    EXPECT_THAT(lines, ElementsAre("1:65536 bytes!", "2:next")) << over;
  }
}

TEST_F(LineReaderTest, ADescriptorThatCannotBeReadIsAnError) {
  LineReader reader(ours_.get());
  EXPECT_THAT(reader.Fill(), StatusIs(absl::StatusCode::kNotFound));
}

}  // namespace
}  // namespace uid2::cli
