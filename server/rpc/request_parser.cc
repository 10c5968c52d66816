// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/request_parser.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include <cstdint>

#include "absl/strings/string_view.h"
#include "server/dii/code_point.h"
#include "server/status/reason.h"

namespace uid2 {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;

// Returns the first string field whose value is not UTF-8; null if there is none. Stops where the
// bytes are not a protobuf message, which is for the parser to find.
const FieldDescriptor* FindInvalidText(const uint8_t* bytes, int size, const Descriptor& type) {
  CodedInputStream input(bytes, size);
  while (const uint32_t tag = input.ReadTag()) {
    if (WireFormatLite::GetTagWireType(tag) != WireFormatLite::WIRETYPE_LENGTH_DELIMITED) {
      if (!WireFormatLite::SkipField(&input, tag)) return nullptr;
      continue;
    }
    int length;
    if (!input.ReadVarintSizeAsInt(&length) || length > size - input.CurrentPosition()) {
      return nullptr;
    }
    const FieldDescriptor* const field =
        type.FindFieldByNumber(WireFormatLite::GetTagFieldNumber(tag));
    if (field != nullptr && field->type() == FieldDescriptor::TYPE_STRING &&
        !IsUtf8(absl::string_view(reinterpret_cast<const char*>(bytes) + input.CurrentPosition(),
                                  static_cast<size_t>(length)))) {
      return field;
    }
    (void)input.Skip(length);
  }
  return nullptr;
}

}  // namespace

absl::Status ParseRequest(grpc::ByteBuffer& bytes, google::protobuf::Message& request) {
  grpc::Slice slice;
  // Copies only a message that arrived in several pieces.
  if (!bytes.TrySingleSlice(&slice).ok() && !bytes.DumpToSingleSlice(&slice).ok()) {
    return MakeError(identity::v1::REQUEST_MALFORMED, "the request cannot be read");
  }
  return ParseRequest(slice, request);
}

absl::Status ParseRequest(const grpc::Slice& bytes, google::protobuf::Message& request) {
  // gRPC has limited it.
  const int size = static_cast<int>(bytes.size());
  const FieldDescriptor* const invalid =
      FindInvalidText(bytes.begin(), size, *request.GetDescriptor());
  if (invalid != nullptr) {
    return MakeError(identity::v1::REQUEST_MALFORMED,
                     "the value is not UTF-8; encode text as UTF-8 before it is sent",
                     invalid->name());
  }
  if (!request.ParseFromArray(bytes.begin(), size)) {
    return MakeError(identity::v1::REQUEST_MALFORMED,
                     "not a protobuf message of this method's request type");
  }
  return absl::OkStatus();
}

}  // namespace uid2
