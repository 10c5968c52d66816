// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/reflection.h"

#include <google/protobuf/descriptor.pb.h>
#include <grpcpp/support/status_code_enum.h>

#include <set>
#include <utility>

namespace uid2 {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::FileDescriptorProto;
using grpc::reflection::v1::ExtensionNumberResponse;
using grpc::reflection::v1::FileDescriptorResponse;
using grpc::reflection::v1::ServerReflectionRequest;
using grpc::reflection::v1::ServerReflectionResponse;

// Copies `file` and all that it imports into `pool`, unless they are there.
void Copy(const FileDescriptor& file, DescriptorPool& pool) {
  if (pool.FindFileByName(file.name()) != nullptr) return;
  for (int i = 0; i < file.dependency_count(); ++i) Copy(*file.dependency(i), pool);
  FileDescriptorProto proto;
  file.CopyTo(&proto);
  (void)pool.BuildFile(proto);
}

void AddFiles(const FileDescriptor& file, std::set<const FileDescriptor*>& added,
              FileDescriptorResponse& response) {
  if (!added.insert(&file).second) return;
  FileDescriptorProto proto;
  file.CopyTo(&proto);
  proto.SerializeToString(response.add_file_descriptor_proto());
  for (int i = 0; i < file.dependency_count(); ++i) {
    AddFiles(*file.dependency(i), added, response);
  }
}

void Refuse(grpc::StatusCode code, const char* message, ServerReflectionResponse& response) {
  response.mutable_error_response()->set_error_code(code);
  response.mutable_error_response()->set_error_message(message);
}

// `file` is null if there is none.
void AnswerFile(const FileDescriptor* file, ServerReflectionResponse& response) {
  if (file == nullptr) {
    return Refuse(grpc::StatusCode::NOT_FOUND,
                  "nothing on this server has this name; list_services says what there is",
                  response);
  }
  std::set<const FileDescriptor*> added;
  AddFiles(*file, added, *response.mutable_file_descriptor_response());
}

const FileDescriptor* FileOfExtension(const DescriptorPool& pool, const std::string& type,
                                      int number) {
  const Descriptor* const extended = pool.FindMessageTypeByName(type);
  if (extended == nullptr) return nullptr;
  const FieldDescriptor* const extension = pool.FindExtensionByNumber(extended, number);
  return extension == nullptr ? nullptr : extension->file();
}

void AnswerExtensions(const DescriptorPool& pool, const std::string& type,
                      ServerReflectionResponse& response) {
  const Descriptor* const extended = pool.FindMessageTypeByName(type);
  if (extended == nullptr) {
    return Refuse(grpc::StatusCode::NOT_FOUND, "there is no message type of this name", response);
  }
  std::vector<const FieldDescriptor*> extensions;
  pool.FindAllExtensions(extended, &extensions);
  ExtensionNumberResponse& numbers = *response.mutable_all_extension_numbers_response();
  numbers.set_base_type_name(type);
  for (const FieldDescriptor* extension : extensions) {
    numbers.add_extension_number(extension->number());
  }
}

}  // namespace

Reflection::Reflection(std::vector<std::string> services, const std::vector<std::string>& messages)
    : services_(std::move(services)) {
  const DescriptorPool& linked = *DescriptorPool::generated_pool();
  for (const std::vector<std::string>* names : {&services_, &messages}) {
    for (const std::string& name : *names) Copy(*linked.FindFileContainingSymbol(name), pool_);
  }
}

ServerReflectionResponse Reflection::Answer(const ServerReflectionRequest& request) const {
  ServerReflectionResponse response;
  response.set_valid_host(request.host());
  *response.mutable_original_request() = request;
  switch (request.message_request_case()) {
    case ServerReflectionRequest::kFileByFilename:
      AnswerFile(pool_.FindFileByName(request.file_by_filename()), response);
      break;
    case ServerReflectionRequest::kFileContainingSymbol:
      AnswerFile(pool_.FindFileContainingSymbol(request.file_containing_symbol()), response);
      break;
    case ServerReflectionRequest::kFileContainingExtension:
      AnswerFile(FileOfExtension(pool_, request.file_containing_extension().containing_type(),
                                 request.file_containing_extension().extension_number()),
                 response);
      break;
    case ServerReflectionRequest::kAllExtensionNumbersOfType:
      AnswerExtensions(pool_, request.all_extension_numbers_of_type(), response);
      break;
    case ServerReflectionRequest::kListServices:
      for (const std::string& service : services_) {
        response.mutable_list_services_response()->add_service()->set_name(service);
      }
      break;
    case ServerReflectionRequest::MESSAGE_REQUEST_NOT_SET:
      Refuse(grpc::StatusCode::INVALID_ARGUMENT, "the request asks for nothing", response);
      break;
  }
  return response;
}

}  // namespace uid2
