// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/encoded_response.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>
#include <grpc/slice.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "uid2/identity/v1/identity_service.pb.h"

namespace uid2 {
namespace {

using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedOutputStream;
using Generate = identity::v1::GenerateIdentityResponse;
using Refresh = identity::v1::RefreshIdentityResponse;

static_assert(int{Generate::kOutcomeFieldNumber} == int{Refresh::kOutcomeFieldNumber});
static_assert(int{Generate::kIdentityFieldNumber} == int{Refresh::kIdentityFieldNumber});

// Both classes below are given the same fields, in the order of their numbers. A field that has its
// default value is left out.

class Size {
 public:
  void Text(int /*field*/, const std::string& text) {
    if (!text.empty()) Message(0, text.size());
  }

  void Number(int /*field*/, int64_t number) {
    if (number != 0) bytes_ += 1 + CodedOutputStream::VarintSize64(static_cast<uint64_t>(number));
  }

  void Message(int /*field*/, size_t size) {
    bytes_ += 1 + CodedOutputStream::VarintSize32(static_cast<uint32_t>(size)) + size;
  }

  size_t bytes() const { return bytes_; }

 private:
  size_t bytes_ = 0;
};

class Writer {
 public:
  explicit Writer(uint8_t* next) : next_(next) {}

  void Text(int field, const std::string& text) {
    if (!text.empty()) next_ = WireFormatLite::WriteStringToArray(field, text, next_);
  }

  void Number(int field, int64_t number) {
    if (number != 0) next_ = WireFormatLite::WriteInt64ToArray(field, number, next_);
  }

  // Its fields must follow.
  void Message(int field, size_t size) {
    next_ =
        WireFormatLite::WriteTagToArray(field, WireFormatLite::WIRETYPE_LENGTH_DELIMITED, next_);
    next_ = CodedOutputStream::WriteVarint32ToArray(static_cast<uint32_t>(size), next_);
  }

 private:
  uint8_t* next_;
};

template <typename Output>
void PutFields(const Identity& identity, Output& output) {
  using Proto = identity::v1::Identity;
  // Tags of these have one byte, which Size relies on.
  static_assert(Proto::kJsonFieldNumber < 16);
  output.Text(Proto::kAdvertisingTokenFieldNumber, identity.advertising_token);
  output.Text(Proto::kRefreshTokenFieldNumber, identity.refresh_token);
  output.Text(Proto::kRefreshResponseKeyFieldNumber, identity.refresh_response_key);
  output.Number(Proto::kIdentityExpiresFieldNumber, identity.identity_expires);
  output.Number(Proto::kRefreshFromFieldNumber, identity.refresh_from);
  output.Number(Proto::kRefreshExpiresFieldNumber, identity.refresh_expires);
  output.Text(Proto::kJsonFieldNumber, identity.json);
}

}  // namespace

EncodedResponse EncodeResponse(int outcome, const absl::optional<Identity>& identity,
                               Reason kept_reason) {
  Size inner;
  if (identity.has_value()) PutFields(*identity, inner);
  Size size;
  size.Number(Refresh::kOutcomeFieldNumber, outcome);
  if (identity.has_value()) size.Message(Refresh::kIdentityFieldNumber, inner.bytes());
  size.Number(Refresh::kKeptReasonFieldNumber, kept_reason);

  grpc_slice bytes = grpc_slice_malloc(size.bytes());
  Writer writer(GRPC_SLICE_START_PTR(bytes));
  writer.Number(Refresh::kOutcomeFieldNumber, outcome);
  if (identity.has_value()) {
    writer.Message(Refresh::kIdentityFieldNumber, inner.bytes());
    PutFields(*identity, writer);
  }
  writer.Number(Refresh::kKeptReasonFieldNumber, kept_reason);

  return {grpc::Slice(bytes, grpc::Slice::STEAL_REF), outcome, kept_reason};
}

}  // namespace uid2
