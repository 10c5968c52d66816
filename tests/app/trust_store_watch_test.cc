#include "server/app/trust_store_watch.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/telemetry/recording_event_log.h"

namespace uid2 {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using uid2::testing::RecordingEventLog;

TEST(TrustStoreWatchTest, SaysOnceThatANewFileIsInUseOrIsNot) {
  RecordingEventLog log;
  TrustStoreWatch watch(log);
  HttpClientStats stats;
  watch.Look(stats);
  EXPECT_THAT(log.Take(), IsEmpty());

  ++stats.trust_store_reload_failures;
  watch.Look(stats);
  EXPECT_THAT(log.Take(), ElementsAre(HasSubstr("cannot be used")));
  ++stats.trust_store_reload_failures;
  watch.Look(stats);
  EXPECT_THAT(log.Take(), IsEmpty()) << "the same content, tried again";

  ++stats.trust_store_reloads;
  watch.Look(stats);
  EXPECT_THAT(log.Take(), ElementsAre(HasSubstr("are in use")));
  watch.Look(stats);
  EXPECT_THAT(log.Take(), IsEmpty());

  ++stats.trust_store_reload_failures;
  watch.Look(stats);
  EXPECT_THAT(log.Take(), ElementsAre(HasSubstr("cannot be used")));
}

}  // namespace
}  // namespace uid2
