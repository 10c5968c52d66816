// SPDX-License-Identifier: Apache-2.0

#include "server/call/call_arena.h"

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace uid2 {
namespace {

using ::testing::Eq;

using Block = std::array<char, CallArena::kBytes / 4>;

bool IsInside(const CallArena& arena, const void* object) {
  const std::less<> before;
  return !before(object, &arena) && before(object, &arena + 1);
}

TEST(CallArenaTest, ObjectsAreMadeInsideTheArena) {
  CallArena arena;
  const CallArena::Ptr<Block> first = arena.Make<Block>();
  const CallArena::Ptr<std::pair<int, int>> second = arena.Make<std::pair<int, int>>(1, 2);
  EXPECT_TRUE(IsInside(arena, first.get()));
  EXPECT_TRUE(IsInside(arena, second.get()));
  EXPECT_THAT(*second, Eq(std::make_pair(1, 2)));
}

TEST(CallArenaTest, ObjectsAreAligned) {
  CallArena arena;
  const CallArena::Ptr<char> byte = arena.Make<char>('a');
  const CallArena::Ptr<std::max_align_t> aligned = arena.Make<std::max_align_t>();
  EXPECT_THAT(reinterpret_cast<uintptr_t>(aligned.get()) % alignof(std::max_align_t), Eq(0U));
  EXPECT_THAT(*byte, Eq('a'));
}

TEST(CallArenaTest, ObjectsThatDoNotFitAreMadeElsewhere) {
  CallArena arena;
  std::vector<CallArena::Ptr<Block>> blocks;
  for (int i = 0; i < 9; ++i) {
    blocks.push_back(arena.Make<Block>());
    blocks.back()->fill(static_cast<char>('0' + i));
  }
  EXPECT_TRUE(IsInside(arena, blocks.front().get()));
  EXPECT_FALSE(IsInside(arena, blocks.back().get()));
  for (int i = 0; i < 9; ++i) {
    EXPECT_THAT(blocks[static_cast<size_t>(i)]->back(), Eq(static_cast<char>('0' + i)));
  }
}

TEST(CallArenaTest, AnObjectIsDestroyedWithItsOwner) {
  CallArena arena;
  const auto counted = std::make_shared<int>(0);
  CallArena::Ptr<std::shared_ptr<int>> owner = arena.Make<std::shared_ptr<int>>(counted);
  EXPECT_THAT(counted.use_count(), Eq(2));
  owner.reset();
  EXPECT_THAT(counted.use_count(), Eq(1));
}

}  // namespace
}  // namespace uid2
