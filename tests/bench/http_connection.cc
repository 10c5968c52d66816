// SPDX-License-Identifier: Apache-2.0

#include "tests/bench/http_connection.h"

#include <array>
#include <cerrno>
#include <utility>

#include "absl/strings/match.h"

namespace uid2::bench {
namespace {

HttpConnection* Of(const http_parser* parser) { return static_cast<HttpConnection*>(parser->data); }

bool WouldBlock() { return errno == EAGAIN || errno == EWOULDBLOCK; }

}  // namespace

HttpConnection::HttpConnection(std::unique_ptr<ServerStream> stream, const Handler& handler)
    : stream_(std::move(stream)), handler_(handler) {
  http_parser_init(&parser_, HTTP_REQUEST);
  parser_.data = this;
}

bool HttpConnection::Read() {
  // Larger than any request, so that a single read drains the socket, and as large as any record
  // of TLS.
  std::array<char, 16384> buffer;
  const ssize_t received = stream_->Receive(buffer.data(), buffer.size());
  if (received < 0) return WouldBlock();
  if (received == 0) return false;
  const auto length = static_cast<size_t>(received);
  return http_parser_execute(&parser_, &Settings(), buffer.data(), length) == length;
}

void HttpConnection::Send(absl::string_view reply) {
  if (unsent_.empty()) {
    const ssize_t sent = stream_->Send(reply);
    // Ignore an error here: the next read reports it again, and drops the connection.
    if (sent > 0) reply.remove_prefix(static_cast<size_t>(sent));
  }
  if (!reply.empty()) unsent_.append(reply.data(), reply.size());
}

bool HttpConnection::Flush() {
  const ssize_t sent = stream_->Send(unsent_);
  if (sent < 0) return WouldBlock();
  unsent_.erase(0, static_cast<size_t>(sent));
  return true;
}

int HttpConnection::OnMessageBegin(http_parser* parser) {
  HttpConnection& self = *Of(parser);
  self.path_.clear();
  self.field_.clear();
  self.in_value_ = false;
  self.authorization_.clear();
  self.body_.clear();
  return 0;
}

int HttpConnection::OnUrl(http_parser* parser, const char* at, size_t length) {
  Of(parser)->path_.append(at, length);
  return 0;
}

int HttpConnection::OnHeaderField(http_parser* parser, const char* at, size_t length) {
  HttpConnection& self = *Of(parser);
  if (self.in_value_) self.field_.clear();
  self.in_value_ = false;
  self.field_.append(at, length);
  return 0;
}

int HttpConnection::OnHeaderValue(http_parser* parser, const char* at, size_t length) {
  HttpConnection& self = *Of(parser);
  self.in_value_ = true;
  if (absl::EqualsIgnoreCase(self.field_, "authorization")) self.authorization_.append(at, length);
  return 0;
}

int HttpConnection::OnBody(http_parser* parser, const char* at, size_t length) {
  Of(parser)->body_.append(at, length);
  return 0;
}

int HttpConnection::OnMessageComplete(http_parser* parser) {
  HttpConnection& self = *Of(parser);
  self.handler_(self, OperatorRequest{self.path_, self.authorization_, self.body_});
  return 0;
}

const http_parser_settings& HttpConnection::Settings() {
  static const http_parser_settings settings = [] {
    http_parser_settings callbacks;
    http_parser_settings_init(&callbacks);
    callbacks.on_message_begin = &OnMessageBegin;
    callbacks.on_url = &OnUrl;
    callbacks.on_header_field = &OnHeaderField;
    callbacks.on_header_value = &OnHeaderValue;
    callbacks.on_body = &OnBody;
    callbacks.on_message_complete = &OnMessageComplete;
    return callbacks;
  }();
  return settings;
}

}  // namespace uid2::bench
