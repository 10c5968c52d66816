// SPDX-License-Identifier: Apache-2.0

#include "server/config/callers_reader.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/config/load_configuration_fixture.h"

namespace uid2 {
namespace {

using ::testing::DoubleEq;
using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// The first two lines of a configuration.
constexpr char kAuthenticated[] =
    "tls { client_ca_file: \"clients.pem\" }\n"
    "participants { name: \"a\" } participants { name: \"b\" }\n";

class CallersReaderTest : public uid2::testing::LoadConfigurationTest {
 protected:
  // The problems that ReadCallers() finds, without the file name.
  std::string Read(const std::string& text) { return ReadWith(ReadCallers, text); }
};

TEST_F(CallersReaderTest, ClientsThatAreNotAuthenticatedAreOneCallerWithTheWholeShare) {
  EXPECT_THAT(Read(""), IsEmpty());
  EXPECT_THAT(result_.callers, IsEmpty());
  EXPECT_THAT(result_.max_caller_share, DoubleEq(1));
  EXPECT_THAT(Read("max_caller_share: 0.25"), IsEmpty());
  EXPECT_THAT(result_.max_caller_share, DoubleEq(0.25));
}

TEST_F(CallersReaderTest, ACallerHasItsNameParticipantsAndShare) {
  EXPECT_THAT(Read(absl::StrCat(kAuthenticated,
                                "callers { san: \"spiffe://e/web\" participants: \"b\""
                                " max_share: 0.5 }\n"
                                "callers { san: \"*\" }\n")),
              IsEmpty());
  EXPECT_THAT(notices_, IsEmpty());
  ASSERT_THAT(result_.callers, SizeIs(2));
  EXPECT_THAT(result_.callers[0].san, Eq("spiffe://e/web"));
  EXPECT_THAT(result_.callers[0].participants.names(), ElementsAre("b"));
  EXPECT_FALSE(result_.callers[0].participants.all());
  EXPECT_THAT(result_.callers[0].max_share, DoubleEq(0.5));
  EXPECT_THAT(result_.callers[1].san, Eq("*"));
  EXPECT_TRUE(result_.callers[1].participants.all());
  EXPECT_THAT(result_.callers[1].max_share, DoubleEq(0.7));
}

TEST_F(CallersReaderTest, MaxCallerShareIsTheShareOfCallersWithoutOneOfTheirOwn) {
  EXPECT_THAT(Read(absl::StrCat(kAuthenticated,
                                "callers { san: \"one\" } callers { san: \"two\" max_share: 1 }\n"
                                "max_caller_share: 0.1\n")),
              IsEmpty());
  EXPECT_THAT(result_.callers[0].max_share, DoubleEq(0.1));
  EXPECT_THAT(result_.callers[1].max_share, DoubleEq(1));
}

TEST_F(CallersReaderTest, AuthenticationWithoutCallersIsAProblem) {
  EXPECT_THAT(Read(kAuthenticated), HasSubstr(": callers: are missing: tls.client_ca_file is set"));
}

TEST_F(CallersReaderTest, CallersWithoutAuthenticationAreAProblem) {
  EXPECT_THAT(
      Read("\ncallers { san: \"web\" }\ncallers { san: \"*\" }\n"),
      HasSubstr(":2: callers: need clients that are authenticated: set tls.client_ca_file"));
}

TEST_F(CallersReaderTest, AllProblemsAreReportedAtOnceWithTheirLines) {
  EXPECT_THAT(
      Read(absl::StrCat(kAuthenticated,
                        "max_caller_share: 0\n"
                        "callers {\n"
                        "  participants: [\"a\", \"c\", \"a\"]\n"
                        "}\n"
                        "callers { san: \"*\" }\n"
                        "callers {\n"
                        "  san: \"web\"\n"
                        "  max_share: 1.5\n"
                        "}\n"
                        "callers { san: \"*\" }\n")),
      Eq(":3: max_caller_share: must be greater than 0 and at most 1\n"
         ":4: san: is missing; set it to a DNS or URI name in the client's certificate, or to "
         "\"*\" for every client whose certificate verifies\n"
         ":5: participants: no participant of this name is configured; they are: a, b\n"
         ":5: participants: names this participant twice; remove one of the two\n"
         ":9: san: never matches, because the entry \"*\" before it matches every client; move "
         "that entry to the end\n"
         ":10: max_share: must be greater than 0 and at most 1\n"
         ":12: san: \"*\" is already the name of another caller; merge the two"));
}

struct SanCase {
  const char* san;
  // In the problem or the notice; empty if there is none.
  const char* problem;
  const char* notice;
};

TEST_F(CallersReaderTest, ANameThatNoCertificateCanMatchIsAProblem) {
  constexpr char kPattern[] = "patterns do not match anything";
  constexpr char kUnfit[] = "contains white space, a quote, a backslash or a character outside";
  constexpr char kAddress[] = "is an IP address";
  constexpr char kNeither[] = "is neither a DNS name nor a URI";
  constexpr char kNoUri[] = "is not a URI, although it contains a colon";
  constexpr char kCase[] = "contains upper-case letters";
  for (const SanCase& test : std::vector<SanCase>{
           {"web", "", ""},
           {"web-1.example_2.com", "", ""},
           {"xn--bcher-kva.example", "", ""},
           {"spiffe://example.com/ns/default/sa/web", "", ""},
           {"urn:uuid:0f2c", "", ""},
           {"https://example.com:8443/web?a=b", "", ""},
           {"spiffe://example.com/Web", "", ""},
           {"Web.example", "", kCase},
           {"SPIFFE://example.com/web", "", kCase},
           {"spiffe://Example.com/web", "", kCase},
           {"*.example.com", kPattern, ""},
           {"spiffe://example.com/*", kPattern, ""},
           {"**", kPattern, ""},
           {" web", kUnfit, ""},
           {"web.example ", kUnfit, ""},
           {"* ", kUnfit, ""},
           {"web\\nb", kUnfit, ""},
           {"web\\000b", kUnfit, ""},
           {"b\\303\\274cher.example", kUnfit, ""},
           {"u:it\\'s", kUnfit, ""},
           {"u:\\\\x00", kUnfit, ""},
           {"192.0.2.1", kAddress, ""},
           {"2001:db8::1", kAddress, ""},
           {"fe80::1", kAddress, ""},
           {"a@example.com", kNeither, ""},
           {"CN=web", kNeither, ""},
           {"example.com/web", kNeither, ""},
           {"web..example", kNeither, ""},
           {":web", kNoUri, ""},
           {"1a:web", kNoUri, ""},
           {"spiffe:", kNoUri, ""},
           {"DNS:web.example", "is not a name but OpenSSL's notation", ""},
           {"URI:spiffe://e/web", "is not a name but OpenSSL's notation", ""},
           {"web.example:8443", "has a port", ""},
       }) {
    SCOPED_TRACE(test.san);
    EXPECT_THAT(Read(absl::StrCat(kAuthenticated, "callers { san: \"", test.san, "\" }")),
                HasSubstr(*test.problem == '\0' ? "" : absl::StrCat(":3: san: ", test.problem)));
    EXPECT_THAT(Read(absl::StrCat(kAuthenticated, "callers { san: \"", test.san, "\" }")).empty(),
                Eq(*test.problem == '\0'));
    EXPECT_THAT(notices_, HasSubstr(test.notice));
    EXPECT_THAT(notices_.empty(), Eq(*test.notice == '\0'));
  }
}

TEST_F(CallersReaderTest, AParticipantThatNoCallerMayUseIsNoticed) {
  EXPECT_THAT(Read(absl::StrCat(kAuthenticated, "callers { san: \"web\" participants: \"b\" }")),
              IsEmpty());
  EXPECT_THAT(notices_, Eq(":2: participants: no caller may use \"a\"; add it to one"));
}

TEST_F(CallersReaderTest, AWholeConfigurationCannotHaveCallersWithoutAuthentication) {
  EXPECT_THAT(Problems(absl::StrCat(uid2::testing::kParticipant, "callers { san: \"*\" }")),
              HasSubstr("need clients that are authenticated"));
}

}  // namespace
}  // namespace uid2
