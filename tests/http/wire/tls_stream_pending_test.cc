// SPDX-License-Identifier: Apache-2.0

#include <malloc.h>
#include <openssl/bio.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/http/wire/byte_stream.h"
#include "server/http/wire/tls_stream.h"
#include "tests/http/wire/socket_pair.h"
#include "tests/http/wire/tls_peer.h"
#include "tests/http/wire/tls_stream_fixture.h"
#include "tests/matchers/status_matchers.h"

namespace uid2::testing {
namespace {

using ::testing::Eq;
using ::testing::IsEmpty;
using ::testing::Lt;
using Wait = ByteStream::Wait;

// Bytes that the TLS layer has taken from the socket wake nobody, and what TLS says of its own
// accord looks like bytes. A client that forgets either stands still until its time limit.
class TlsStreamPendingTest : public TlsStreamTest {
 protected:
  // Receives once, into a buffer of `size` bytes.
  ByteStream::Progress ReceiveOnce(size_t size, std::string& received) {
    std::string buffer(size, '\0');
    const auto progress = client_->Receive(absl::MakeSpan(buffer));
    EXPECT_THAT(progress, IsOk());
    if (!progress.ok()) return {.end = true};
    received.append(buffer, 0, progress->bytes);
    return *progress;
  }
};

TEST_F(TlsStreamPendingTest, BytesThatWakeNobodyAreAnnounced) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    SetVersion(version);
    Connected();
    // Three records in one segment, as far as the client can tell.
    for (const char* part : {"one", "two", "three"}) ASSERT_TRUE(server_->Write(part));
    ASSERT_TRUE(Await(*client_, Wait::kRead));
    std::string received;
    EXPECT_THAT(ReceiveOnce(100, received).wait, Eq(Wait::kNone));
    // This is the situation: there are bytes, but the socket is not readable.
    EXPECT_FALSE(IsReadable(client_->fd()));
    EXPECT_THAT(ReceiveOnce(100, received).wait, Eq(Wait::kNone));
    EXPECT_THAT(ReceiveOnce(100, received).wait, Eq(Wait::kRead));
    EXPECT_THAT(received, Eq("onetwothree"));
  }
}

TEST_F(TlsStreamPendingTest, ARecordThatExceedsTheBufferIsAnnounced) {
  Connected();
  ASSERT_TRUE(server_->Write("0123456789"));
  ASSERT_TRUE(Await(*client_, Wait::kRead));
  std::string received;
  EXPECT_THAT(ReceiveOnce(4, received).wait, Eq(Wait::kNone));
  EXPECT_FALSE(IsReadable(client_->fd()));
  EXPECT_THAT(ReceiveOnce(4, received).wait, Eq(Wait::kNone));
  EXPECT_THAT(ReceiveOnce(4, received).wait, Eq(Wait::kRead));
  EXPECT_THAT(received, Eq("0123456789"));
}

TEST_F(TlsStreamPendingTest, AWaitForMoreIsAlwaysEndedByTheSocket) {
  // Records of all sizes, received into buffers of all sizes, by a client that waits whenever it is
  // told to, and only then.
  Connected();
  std::string sent;
  std::string received;
  for (size_t size = 1; size < 3000; size += 1 + size / 7) {
    for (size_t buffer = 1; buffer < 5000; buffer = buffer * 3 + 1) {
      std::string text(size, static_cast<char>('a' + (size + buffer) % 26));
      ASSERT_TRUE(server_->Write(text) && server_->Write("."));
      absl::StrAppend(&sent, text, ".");
      while (received.size() < sent.size()) {
        const ByteStream::Progress progress = ReceiveOnce(buffer, received);
        ASSERT_FALSE(progress.end);
        if (progress.wait == Wait::kNone || received.size() == sent.size()) continue;
        ASSERT_THAT(progress.wait, Eq(Wait::kRead));
        ASSERT_TRUE(Await(*client_, Wait::kRead)) << "stands still";
      }
    }
  }
  EXPECT_TRUE(received == sent);
}

TEST_F(TlsStreamPendingTest, TinyRecordsArriveComplete) {
  Connected();
  std::string sent;
  for (int i = 0; i < 500; ++i) {
    const std::string byte(1, static_cast<char>('a' + i % 26));
    ASSERT_TRUE(server_->Write(byte));
    sent += byte;
  }
  std::string received;
  while (received.size() < sent.size() && Await(*client_, Wait::kRead)) {
    const auto more = ReceiveAll(*client_, 7);
    ASSERT_THAT(more, IsOk());
    received += more->bytes;
  }
  EXPECT_THAT(received, Eq(sent));
}

// The stream frees OpenSSL's buffers when it waits, but not those of a record that has begun.
TEST_F(TlsStreamPendingTest, ARecordMayArriveByteByByte) {
  Connected();
  BIO* const written = BIO_new(BIO_s_mem());
  SSL_set0_wbio(server_->ssl(), written);
  std::string received;
  for (const char* const sent : {"first", "second", "third"}) {
    ASSERT_TRUE(server_->Write(sent));
    char byte;
    while (BIO_read(written, &byte, 1) == 1) {
      ASSERT_EQ(send(server_->fd(), &byte, 1, MSG_NOSIGNAL), 1);
      ASSERT_TRUE(Await(*client_, ByteStream::Wait::kRead));
      const auto more = ReceiveAll(*client_);
      ASSERT_THAT(more, IsOk());
      EXPECT_THAT(more->wait, Eq(ByteStream::Wait::kRead));
      received += more->bytes;
    }
  }
  EXPECT_THAT(received, Eq("firstsecondthird"));
}

TEST_F(TlsStreamPendingTest, TicketsOnAnIdleConnectionAreNoReply) {
  Connected();
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(i == 0 || server_->SendTicket());
    ASSERT_TRUE(Await(*client_, Wait::kRead));
    const auto received = ReceiveAll(*client_);
    ASSERT_THAT(received, IsOk());
    EXPECT_THAT(received->bytes, IsEmpty());
    EXPECT_THAT(received->wait, Eq(Wait::kRead));
    EXPECT_FALSE(received->end);
    EXPECT_FALSE(IsReadable(client_->fd()));
  }
}

TEST_F(TlsStreamPendingTest, AReplyBehindATicketIsReceivedWithIt) {
  Connected();
  ASSERT_TRUE(server_->SendTicket());
  ASSERT_TRUE(server_->SendKeyUpdate(/*mutual=*/true));
  ASSERT_TRUE(server_->Write("reply"));
  ASSERT_TRUE(server_->SendTicket());
  ASSERT_TRUE(Await(*client_, Wait::kRead));
  const auto received = ReceiveAll(*client_);
  ASSERT_THAT(received, IsOk());
  EXPECT_THAT(received->bytes, Eq("reply"));
  EXPECT_FALSE(IsReadable(client_->fd()));
}

TEST_F(TlsStreamPendingTest, KeyUpdatesBetweenRepliesChangeNothing) {
  Connected();
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(server_->SendKeyUpdate(/*mutual=*/i % 2 == 0));
    // Either at once or with the next reply.
    ASSERT_TRUE(i % 3 != 0 || ReceiveAll(*client_).ok());
    ASSERT_THAT(client_->Send("request"), IsOk());
    ASSERT_THAT(server_->Read(7), Eq("request"));
    ASSERT_TRUE(server_->Write("reply"));
    ASSERT_TRUE(Await(*client_, Wait::kRead));
    const auto received = ReceiveAll(*client_);
    ASSERT_THAT(received, IsOk());
    EXPECT_THAT(received->bytes, Eq("reply"));
  }
}

TEST_F(TlsStreamPendingTest, AFloodOfKeyUpdatesDoesNotHoldTheThread) {
  Connected();
  for (int i = 0; i < 4000; ++i) ASSERT_TRUE(server_->SendKeyUpdate(/*mutual=*/false));
  ASSERT_TRUE(server_->Write("reply"));
  ASSERT_TRUE(Await(*client_, Wait::kRead));
  std::string received;
  EXPECT_THAT(ReceiveOnce(100, received).wait, Eq(Wait::kRead));
  EXPECT_THAT(received, IsEmpty());
  // The rest can wait until others had their turn.
  EXPECT_TRUE(IsReadable(client_->fd()));
  while (received.empty()) {
    ASSERT_TRUE(Await(*client_, Wait::kRead)) << "stands still";
    ASSERT_FALSE(ReceiveOnce(100, received).end);
  }
  EXPECT_THAT(received, Eq("reply"));
}

TEST_F(TlsStreamPendingTest, AKeyUpdateThatArrivesWhileARequestDoesNotFitIsAnsweredLater) {
  Connected(/*small_buffers=*/true);
  const std::string request(1'000'000, 'r');
  size_t sent = 0;
  const auto send = [&] {
    const auto progress = client_->Send(absl::string_view(request).substr(sent));
    ASSERT_THAT(progress, IsOk());
    sent += progress->bytes;
  };
  send();
  ASSERT_THAT(sent, Lt(request.size()));
  ASSERT_TRUE(server_->SendKeyUpdate(/*mutual=*/true));
  ASSERT_TRUE(server_->Write("early reply"));
  ASSERT_TRUE(Await(*client_, Wait::kRead));
  std::string reply;
  std::string received;
  while (sent < request.size() || reply.empty()) {
    const ByteStream::Progress progress = ReceiveOnce(100, reply);
    ASSERT_FALSE(progress.end);
    received += server_->Read(1);
    if (sent < request.size()) send();
  }
  received += server_->Read(request.size() - received.size());
  EXPECT_TRUE(received == request);
  EXPECT_THAT(reply, Eq("early reply"));
  ASSERT_THAT(client_->Send("next"), IsOk());
  EXPECT_THAT(server_->Read(4), Eq("next"));
}

// It would be most of the memory of a call that waits.
TEST_F(TlsStreamPendingTest, AConnectionThatWaitsHoldsNoBuffers) {
  Connected();
  ASSERT_THAT(client_->Send("request"), IsOk());
  ASSERT_THAT(server_->Read(7), Eq("request"));
  ASSERT_THAT(ReceiveAll(*client_), IsOk());
  ASSERT_TRUE(server_->SendTicket());
  // Both ends are in this process, so the server's must be gone before, too.
  (void)SSL_free_buffers(server_->ssl());
  const size_t before = mallinfo2().uordblks;
  ASSERT_TRUE(Await(*client_, Wait::kRead));
  ASSERT_THAT(ReceiveAll(*client_, 100), IsOk());
  // A session, but no buffer, which has 16 KiB.
  EXPECT_THAT(mallinfo2().uordblks, Lt(before + 8192));
}

}  // namespace
}  // namespace uid2::testing
