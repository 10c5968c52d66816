// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/reflection.h"

#include <google/protobuf/descriptor.pb.h>

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "uid2/identity/v1/identity_service.pb.h"

namespace uid2 {
namespace {

using grpc::reflection::v1::ServerReflectionRequest;
using grpc::reflection::v1::ServerReflectionResponse;
using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr char kService[] = "uid2.identity.v1.IdentityService";
constexpr char kServiceFile[] = "uid2/identity/v1/identity_service.proto";
constexpr char kReasonFile[] = "uid2/identity/v1/error_reason.proto";

class ReflectionTest : public ::testing::Test {
 protected:
  ServerReflectionResponse Answer() const { return reflection_.Answer(request_); }

  // The names of the files in the answer, or "error CODE".
  std::vector<std::string> Files() const {
    const ServerReflectionResponse response = Answer();
    if (response.has_error_response()) {
      return {"error " + std::to_string(response.error_response().error_code())};
    }
    std::vector<std::string> names;
    for (const std::string& bytes : response.file_descriptor_response().file_descriptor_proto()) {
      google::protobuf::FileDescriptorProto file;
      EXPECT_TRUE(file.ParseFromString(bytes));
      names.push_back(file.name());
    }
    return names;
  }

  // Refers to the message, so that it is linked in.
  const Reflection reflection_{
      {identity::v1::Identity::descriptor()->file()->service(0)->full_name()},
      {"google.rpc.ErrorInfo"}};
  ServerReflectionRequest request_;
};

TEST_F(ReflectionTest, ListsTheServices) {
  request_.set_list_services("");
  const ServerReflectionResponse response = Answer();
  ASSERT_THAT(response.list_services_response().service_size(), Eq(1));
  EXPECT_THAT(response.list_services_response().service(0).name(), Eq(kService));
}

TEST_F(ReflectionTest, ASymbolIsAnsweredWithItsFileAndAllThatItImports) {
  for (const char* symbol :
       {kService, "uid2.identity.v1.IdentityService.RefreshIdentity", "uid2.identity.v1.Identity",
        "uid2.identity.v1.GenerateIdentityRequest.email"}) {
    request_.set_file_containing_symbol(symbol);
    EXPECT_THAT(Files(), ElementsAre(kServiceFile, kReasonFile)) << symbol;
  }
  request_.set_file_containing_symbol("uid2.identity.v1.ErrorReason");
  EXPECT_THAT(Files(), ElementsAre(kReasonFile));
}

TEST_F(ReflectionTest, MessagesThatNoServiceMentionsAreFound) {
  request_.set_file_containing_symbol("google.rpc.RetryInfo");
  EXPECT_THAT(Files(), UnorderedElementsAre("google/rpc/error_details.proto",
                                            "google/protobuf/duration.proto"));
}

TEST_F(ReflectionTest, AFileIsFoundByItsName) {
  request_.set_file_by_filename(kReasonFile);
  EXPECT_THAT(Files(), ElementsAre(kReasonFile));
}

TEST_F(ReflectionTest, WhatIsNotServedIsNotFound) {
  for (const char* symbol :
       {"", "no.such.Symbol", "uid2.identity.v1.identity", "google.protobuf.FileDescriptorProto"}) {
    request_.set_file_containing_symbol(symbol);
    EXPECT_THAT(Files(), ElementsAre("error 5")) << symbol;
  }
  for (const char* file : {"", "no/such/file.proto", "google/protobuf/descriptor.proto"}) {
    request_.set_file_by_filename(file);
    EXPECT_THAT(Files(), ElementsAre("error 5")) << file;
  }
}

TEST_F(ReflectionTest, MessagesHaveNoExtensions) {
  request_.set_all_extension_numbers_of_type("uid2.identity.v1.Identity");
  EXPECT_THAT(Answer().all_extension_numbers_response().base_type_name(),
              Eq("uid2.identity.v1.Identity"));
  EXPECT_THAT(Answer().all_extension_numbers_response().extension_number(), IsEmpty());
  request_.set_all_extension_numbers_of_type("no.such.Type");
  EXPECT_THAT(Files(), ElementsAre("error 5"));
  for (const char* type : {"uid2.identity.v1.Identity", "no.such.Type"}) {
    request_.mutable_file_containing_extension()->set_containing_type(type);
    request_.mutable_file_containing_extension()->set_extension_number(1);
    EXPECT_THAT(Files(), ElementsAre("error 5")) << type;
  }
}

TEST_F(ReflectionTest, AQuestionForNothingIsInvalid) {
  EXPECT_THAT(Files(), ElementsAre("error 3"));
}

TEST_F(ReflectionTest, AnAnswerRepeatsItsQuestion) {
  request_.set_host("a.host");
  request_.set_list_services("x");
  EXPECT_THAT(Answer().valid_host(), Eq("a.host"));
  EXPECT_THAT(Answer().original_request().SerializeAsString(), Eq(request_.SerializeAsString()));
}

}  // namespace
}  // namespace uid2
