// SPDX-License-Identifier: Apache-2.0

#include "tests/http/wire/reply_generator.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace uid2::testing {
namespace {

// Replaces the first `from` of `text`. False if there is none.
bool Replace(std::string& text, absl::string_view from, absl::string_view to) {
  const size_t found = text.find(from.data(), 0, from.size());
  if (found == std::string::npos) return false;
  text.replace(found, from.size(), to.data(), to.size());
  return true;
}

}  // namespace

GeneratedReply ReplyGenerator::Next() {
  GeneratedReply reply;
  while (OneIn(6)) reply.text += Interim();
  reply.text += StatusLine();
  const std::string body = Body();
  std::string fields = Fields();
  switch (Below(5)) {
    case 0:
    case 1:
      absl::StrAppend(&reply.text, fields, OneOf({"Content-Length: ", "content-length:"}),
                      body.size(), "\r\n", OneIn(4) ? Fields() : "", "\r\n", body);
      break;
    case 2:
    case 3:
      // There was no such coding in HTTP/1.0.
      if (absl::StrContains(reply.text, "HTTP/1.0")) reply.refused = "chunked HTTP/1.0";
      absl::StrAppend(&reply.text, fields, OneOf({"Transfer-Encoding: ", "transfer-encoding:\t"}),
                      OneOf({"chunked", "Chunked "}), "\r\n\r\n", Chunks(body));
      break;
    default:
      absl::StrAppend(&reply.text, fields, "\r\n", body);
  }
  if (OneIn(8)) {
    AddFault(reply);
  } else if (OneIn(4)) {
    AddAmbiguity(reply);
  }
  // More than a reply, or less.
  if (OneIn(12)) reply.text += OneOf({"x", "\r\n", "HTTP/1.1 200 OK\r\n\r\n"});
  if (OneIn(4)) reply.text.resize(Below(reply.text.size() + 1));
  return reply;
}

std::vector<std::string> ReplyGenerator::Cut(absl::string_view text) {
  std::vector<std::string> pieces;
  while (pieces.size() < 4 && !text.empty() && !OneIn(3)) {
    pieces.emplace_back(text.substr(0, 1 + Below(text.size())));
    text.remove_prefix(pieces.back().size());
  }
  if (!text.empty() || pieces.empty()) pieces.emplace_back(text);
  return pieces;
}

std::string ReplyGenerator::Interim() {
  return absl::StrCat("HTTP/1.1 ", OneOf({"100 Continue", "102 Processing", "103 Early Hints"}),
                      "\r\n", OneIn(2) ? Fields() : "", "\r\n");
}

std::string ReplyGenerator::StatusLine() {
  return absl::StrCat(OneOf({"HTTP/1.1 ", "HTTP/1.1 ", "HTTP/1.1 ", "HTTP/1.0 "}),
                      OneOf({"200", "200", "200", "204", "205", "206", "301", "304", "400", "401",
                             "404", "407", "416", "429", "500", "502", "503", "599", "999"}),
                      OneOf({" OK", "", " ", " Not what it seems", " \xc3\xa9\t."}), "\r\n");
}

std::string ReplyGenerator::Fields() {
  std::string fields;
  while (!OneIn(3)) {
    absl::StrAppend(&fields,
                    OneOf({"Date: Sun, 06 Nov 1994 08:49:37 GMT",
                           "date:now ",
                           "DATE:",
                           "Retry-After: 7",
                           "retry-after:\t 120 \t",
                           "Connection: close",
                           "Connection: keep-alive",
                           "connection: TE, Close",
                           "Keep-Alive: timeout=1",
                           "Vary: origin",
                           "Server:",
                           "X-Long: a:b \t c",
                           "Set-Cookie: a=b",
                           "Content-Type: text/plain",
                           "Content-Encoding: gzip",
                           "Location: http://127.0.0.1:1/",
                           "WWW-Authenticate: Basic realm=\"x\"",
                           "Trailer: Date",
                           "Upgrade: h2c",
                           "Content-Range: bytes 0-1/2"}),
                    "\r\n");
  }
  return fields;
}

std::string ReplyGenerator::Body() {
  std::string body;
  const size_t size = OneIn(4) ? 0 : OneIn(4) ? 60 + Below(12) : Below(40);
  // Also line ends and zeros.
  for (size_t i = 0; i < size; ++i) body += "ab/+=\r\n"[Below(8)];
  return body;
}

std::string ReplyGenerator::Chunks(absl::string_view body) {
  std::string chunks;
  while (!body.empty()) {
    const absl::string_view chunk = body.substr(0, 1 + Below(body.size()));
    body.remove_prefix(chunk.size());
    absl::StrAppend(
        &chunks, OneIn(5) ? "000" : "",
        OneIn(2) ? absl::StrFormat("%x", chunk.size()) : absl::StrFormat("%X", chunk.size()),
        OneOf({"", "", "", ";a", ";name=\"value\"", " ;a=b", "  ", "\t"}), "\r\n", chunk, "\r\n");
  }
  return absl::StrCat(chunks, OneOf({"0", "0", "000", "0;last", "0 "}), "\r\n", Trailer(), "\r\n");
}

std::string ReplyGenerator::Trailer() {
  return OneIn(3) ? OneOf({"Date: trailer\r\n", "Retry-After: 3\r\nX: y\r\n",
                           "Content-Length: 3\r\n", "Connection: close\r\n"})
                  : "";
}

void ReplyGenerator::AddFault(GeneratedReply& reply) {
  switch (Below(7)) {
    case 0:
      Replace(reply.text, "HTTP/1.1", OneOf({"HTTP/7.0", "HTTP/1.2", "220 mail", "\x15\x03\x01"}));
      break;
    case 1:
      Replace(reply.text, "\r\n", "\r\nno field\r\n");
      break;
    case 2:
      Replace(reply.text, "\r\n", absl::string_view("\r\nField: a\0b\r\n", 14));
      break;
    case 3:
      Replace(reply.text, "Content-Length: ", "Content-Length: ten ");
      // libcurl looks at the length only if there is a body.
      if (absl::StrContains(reply.text, " 304") || absl::StrContains(reply.text, " 204")) {
        reply.refused = "length that is no number";
      }
      break;
    case 4:
      Replace(reply.text, "\r\n\r\n", "\r\n\r\nxyz\r\n");
      break;
    case 5:
      Replace(reply.text, "200", OneOf({"020", "2000", "20"}));
      break;
    default:
      reply.text.clear();
  }
}

void ReplyGenerator::AddAmbiguity(GeneratedReply& reply) {
  static const struct {
    const char* name;
    const char* from;
    const char* to;
  } kAmbiguities[] = {
      {"bare line feed", "\r\n", "\n"},
      {"bare line feed after a field", "GMT\r\n", "GMT\n"},
      {"bare carriage return", "origin\r\n", "ori\rgin\r\n"},
      {"control character", "origin", "ori\x01gin"},
      {"folded field", "origin\r\n", "origin\r\n folded\r\n"},
      {"space before the colon", "Content-Length:", "Content-Length :"},
      {"name that is no token", "Vary:", "Va(ry:"},
      {"another length", "Content-Length:", "Content-Length: 3\r\nContent-Length:"},
      {"list of lengths", "Content-Length:", "Content-Length: 3, "},
      {"length with a sign", "Content-Length: ", "Content-Length: +"},
      {"length and chunked", "Transfer-Encoding:", "Content-Length: 3\r\nTransfer-Encoding:"},
      {"chunked twice", "Transfer-Encoding:", "Transfer-Encoding: chunked\r\nTransfer-Encoding:"},
      {"another coding", "Transfer-Encoding:", "Transfer-Encoding: identity\r\nTransfer-Encoding:"},
      {"interim reply with a length", "100 Continue\r\n", "100 Continue\r\nContent-Length: 3\r\n"},
      {"switching protocols", "100 Continue", "101 Switching Protocols"},
      {"protocol in lower case", "HTTP/1.1", "http/1.1"},
      {"two spaces before the status", "HTTP/1.1 ", "HTTP/1.1  "},
      {"chunk size with more after it", "chunked\r\n\r\n", "chunked\r\n\r\n1xyz\r\nq\r\n"},
      {"chunk that ends in a line feed", "chunked\r\n\r\n", "chunked\r\n\r\n1\r\nq\n"},
      {"chunk size that ends in a line feed", "chunked\r\n\r\n", "chunked\r\n\r\n1\nq\r\n"},
      {"trailer without a colon", "\r\n0\r\n", "\r\n0\r\nno field\r\n"},
  };
  const auto& ambiguity = kAmbiguities[Below(std::size(kAmbiguities))];
  if (Replace(reply.text, ambiguity.from, ambiguity.to)) reply.refused = ambiguity.name;
}

}  // namespace uid2::testing
