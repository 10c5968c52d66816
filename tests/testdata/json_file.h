#ifndef TESTS_TESTDATA_JSON_FILE_H_
#define TESTS_TESTDATA_JSON_FILE_H_

#include <rapidjson/document.h>
#include <rapidjson/istreamwrapper.h>

#include <fstream>
#include <string>

#include "gtest/gtest.h"

namespace uid2::testing {

// Parses `path`, relative to tests/testdata.
inline rapidjson::Document ReadJsonFile(const std::string& path) {
  std::ifstream file("tests/testdata/" + path);
  rapidjson::IStreamWrapper stream(file);
  rapidjson::Document document;
  document.ParseStream(stream);
  EXPECT_FALSE(document.HasParseError()) << path;
  return document;
}

}  // namespace uid2::testing

#endif  // TESTS_TESTDATA_JSON_FILE_H_
