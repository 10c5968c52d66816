// SPDX-License-Identifier: Apache-2.0

#include "server/operator/reply_json.h"

#include <algorithm>
#include <utility>

#include "server/identity/identity_json.h"
#include "server/identity/json_parser.h"
#include "server/identity/plain_identity.h"
#include "server/identity/plain_json.h"

namespace uid2 {
namespace {

// An operator issues no times that are long past, so these are in another unit.
absl::StatusOr<Identity> CheckIssued(absl::StatusOr<Identity> identity) {
  if (!identity.ok()) return identity;
  const int64_t earliest =
      std::min({identity->identity_expires, identity->refresh_from, identity->refresh_expires});
  if (earliest >= kMinMillis) return identity;
  return absl::InvalidArgumentError("a time is not in Unix milliseconds");
}

class ReplyReader : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, ReplyReader> {
 public:
  bool Null() { return in_body_ ? identity_.Null() : Scalar(); }
  bool Bool(bool value) { return in_body_ ? identity_.Bool(value) : Scalar(); }
  bool RawNumber(const char* text, rapidjson::SizeType size, bool copy) {
    return in_body_ ? identity_.RawNumber(text, size, copy) : Scalar();
  }

  bool String(const char* text, rapidjson::SizeType size, bool copy) {
    if (in_body_) return identity_.String(text, size, copy);
    if (depth_ == 1 && key_ == "status") reply_.status.assign(text, size);
    if (depth_ == 1 && key_ == "message") reply_.message.assign(text, size);
    return Scalar();
  }

  bool Key(const char* text, rapidjson::SizeType size, bool copy) {
    if (in_body_) return identity_.Key(text, size, copy);
    if (depth_ == 1) key_.assign(text, size);
    return true;
  }

  bool StartObject() {
    if (in_body_) return identity_.StartObject();
    if (depth_ == 1 && key_ == "body" && !reply_.body.has_value()) {
      in_body_ = true;
      return identity_.StartObject();
    }
    ++depth_;
    return true;
  }

  bool EndObject(rapidjson::SizeType members) {
    if (!in_body_) {
      --depth_;
      return true;
    }
    if (!identity_.EndObject(members)) return false;
    if (identity_.complete()) {
      in_body_ = false;
      reply_.body = CheckIssued(identity_.Take());
    }
    return true;
  }

  bool StartArray() {
    if (in_body_) return identity_.StartArray();
    ++depth_;
    return depth_ > 1;
  }

  bool EndArray(rapidjson::SizeType elements) {
    if (in_body_) return identity_.EndArray(elements);
    --depth_;
    return true;
  }

  ReplyJson Take() { return std::move(reply_); }

  // Why the identity, and with it the whole reply, was rejected.
  absl::Status Problem() {
    return identity_.rejected() ? identity_.Take().status()
                                : absl::InvalidArgumentError("not a JSON object");
  }

 private:
  bool Scalar() const { return depth_ > 0; }

  ReplyJson reply_;
  IdentityReader identity_;
  std::string key_;
  int depth_ = 0;
  bool in_body_ = false;
};

bool TakeText(PlainJsonReader& json, std::string& field) {
  absl::string_view text;
  const bool is_first = field.empty();
  if (!is_first || !json.TakeString(text)) return false;
  field = std::string(text);
  return !field.empty();
}

bool TakeBody(PlainJsonReader& json, ReplyJson& reply) {
  if (reply.body.has_value()) return false;
  absl::optional<Identity> identity = ReadPlainIdentity(json);
  if (!identity.has_value()) return false;
  reply.body = *std::move(identity);
  return true;
}

bool TakeMember(PlainJsonReader& json, ReplyJson& reply) {
  absl::string_view name;
  if (!json.TakeKey(name)) return false;
  if (name == "status") return TakeText(json, reply.status);
  if (name == "message") return TakeText(json, reply.message);
  if (name == "body") return TakeBody(json, reply);
  return json.SkipValue();
}

}  // namespace

absl::optional<ReplyJson> ReadPlainReply(absl::string_view json) {
  if (!IsPlainText(json)) return absl::nullopt;
  PlainJsonReader reader(json);
  absl::optional<ReplyJson> reply(absl::in_place);
  if (!reader.Take('{')) return absl::nullopt;
  do {
    if (!TakeMember(reader, *reply)) return absl::nullopt;
  } while (reader.Take(','));
  if (!reader.Take('}') || !reader.AtEnd() || reply->status.empty()) return absl::nullopt;
  return reply;
}

absl::StatusOr<ReplyJson> ParseReplyJson(absl::string_view json) {
  if (absl::optional<ReplyJson> plain = ReadPlainReply(json)) return *std::move(plain);
  ReplyReader reader;
  if (!ParseJson(json, reader)) return reader.Problem();
  ReplyJson reply = reader.Take();
  if (reply.status.empty()) return absl::InvalidArgumentError("no status");
  return reply;
}

}  // namespace uid2
