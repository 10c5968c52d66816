// SPDX-License-Identifier: Apache-2.0

// Benchmarks each of the service's own steps of a GenerateIdentity call separately. Look here if
// tools/bench shows that calls have become more expensive.

#include <benchmark/benchmark.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "server/crypto/aes_gcm.h"
#include "server/dii/dii.h"
#include "server/identity/identity_json.h"
#include "server/operator/envelope.h"
#include "server/operator/reply_json.h"
#include "server/rpc/identity_call_metrics.h"
#include "server/rpc/result_counters.h"
#include "server/telemetry/metrics.h"
#include "tests/bench/operator_envelope.h"
#include "tests/bench/sample_identity.h"
#include "uid2/identity/v1/identity_service.pb.h"

namespace uid2::bench {
namespace {

const std::string& Key() {
  static const auto* const key = new std::string(AesGcm::kKeySize, 'k');
  return *key;
}

int64_t NowMs() { return absl::ToUnixMillis(absl::Now()); }

std::string SuccessJson() {
  return absl::StrCat(R"({"body":)", SampleIdentityJson(NowMs()), R"(,"status":"success"})");
}

void HashEmail(benchmark::State& state) {
  DiiInput input;
  input.email = "Some.User.000000001@Publisher.example";
  for (auto _ : state) {
    const auto hashed = HashDii(input, DiiPolicy::kStrict);
    if (!hashed.ok()) state.SkipWithError("refused");
    benchmark::DoNotOptimize(hashed);
  }
}
BENCHMARK(HashEmail);

void SealEnvelope(benchmark::State& state) {
  const auto secret = AesGcm::New(Key());
  if (!secret.ok()) return state.SkipWithError("no cipher");
  for (auto _ : state) {
    const auto nonces = EnvelopeNonces::Generate();
    if (!nonces.ok()) return state.SkipWithError("no random bytes");
    const auto sealed = SealRequest(**secret, SampleGeneratePayload(), absl::Now(), *nonces);
    if (!sealed.ok()) state.SkipWithError("not sealed");
    benchmark::DoNotOptimize(sealed);
  }
}
BENCHMARK(SealEnvelope);

void OpenEnvelope(benchmark::State& state) {
  const auto secret = AesGcm::New(Key());
  if (!secret.ok()) return state.SkipWithError("no cipher");
  const OperatorEnvelope::Nonce nonce{1, 2, 3, 4, 5, 6, 7, 8};
  const std::string reply(OperatorEnvelope(Key()).SealReply(NowMs(), nonce, SuccessJson()));
  const std::string wanted(reinterpret_cast<const char*>(nonce.data()), nonce.size());
  for (auto _ : state) {
    const auto opened = OpenGenerateReply(**secret, wanted, reply);
    if (!opened.ok()) state.SkipWithError("not opened");
    benchmark::DoNotOptimize(opened);
  }
}
BENCHMARK(OpenEnvelope);

void ParseReply(benchmark::State& state) {
  const std::string json = SuccessJson();
  for (auto _ : state) {
    const auto reply = ParseReplyJson(json);
    if (!reply.ok() || !reply->body.has_value()) state.SkipWithError("not parsed");
    benchmark::DoNotOptimize(reply);
  }
}
BENCHMARK(ParseReply);

void ParseCallersIdentity(benchmark::State& state) {
  const std::string json = SampleIdentityJson(NowMs());
  for (auto _ : state) {
    const auto identity = ParseIdentity(json);
    if (!identity.ok()) state.SkipWithError("not parsed");
    benchmark::DoNotOptimize(identity);
  }
}
BENCHMARK(ParseCallersIdentity);

// All that is counted about a call at the gRPC edge.
void CountCall(benchmark::State& state) {
  Metrics metrics;
  const auto calls = IdentityCallMetrics::ForGenerate(metrics, {{"brand"}, {"", "web.example"}});
  const CallResult issued = {.outcome = identity::v1::GenerateIdentityResponse::ISSUED};
  for (auto _ : state) {
    calls.method().started().Increment();
    calls.method().Handled(issued.code, absl::Milliseconds(20));
    calls.Of(0, DiiField::kEmail).Increment(issued);
    calls.OfCaller(1)->Increment(issued);
  }
  if (metrics.Total("identity_calls_total", "ISSUED") == 0) state.SkipWithError("not counted");
}
BENCHMARK(CountCall);

}  // namespace
}  // namespace uid2::bench

BENCHMARK_MAIN();
