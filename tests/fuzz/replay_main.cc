// SPDX-License-Identifier: Apache-2.0

// Runs a fuzzer's entry point over its corpus, without libFuzzer. The arguments are folders; each
// file in them is a test case.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

class ReplayTest : public ::testing::Test {
 public:
  explicit ReplayTest(std::string path) : path_(std::move(path)) {}

  void TestBody() override {
    std::ifstream file(path_, std::ios::binary);
    // The input is copied to a heap block of exactly its size, so that AddressSanitizer detects
    // reads past its end.
    const std::vector<char> input{std::istreambuf_iterator<char>(file), {}};
    ASSERT_FALSE(file.bad()) << path_;
    EXPECT_EQ(LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(input.data()), input.size()),
              0);
  }

 private:
  const std::string path_;
};

}  // namespace

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  std::vector<std::string> paths;
  for (int i = 1; i < argc; ++i) {
    for (const auto& entry : std::filesystem::directory_iterator(argv[i])) {
      paths.push_back(entry.path().string());
    }
  }
  if (paths.empty()) {
    std::fputs("no corpus files: pass the corpus folder as an argument\n", stderr);
    return 2;
  }
  std::sort(paths.begin(), paths.end());
  for (const std::string& path : paths) {
    ::testing::RegisterTest("Corpus", std::filesystem::path(path).filename().c_str(), nullptr,
                            nullptr, __FILE__, __LINE__, [path] { return new ReplayTest(path); });
  }
  return RUN_ALL_TESTS();
}
