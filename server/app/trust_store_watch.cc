#include "server/app/trust_store_watch.h"

namespace uid2 {

void TrustStoreWatch::Look(const HttpClientStats& stats) {
  if (stats.trust_store_reloads != reloads_) {
    reloads_ = stats.trust_store_reloads;
    failures_ = stats.trust_store_reload_failures;
    refused_ = false;
    log_.Event(Severity::kInfo, "ca_file has changed: its certificate authorities are in use");
  } else if (stats.trust_store_reload_failures != failures_) {
    failures_ = stats.trust_store_reload_failures;
    if (refused_) return;
    refused_ = true;
    log_.Event(Severity::kError,
               "ca_file has changed and cannot be used: the earlier certificate authorities stay "
               "in use; identity_server --check_config says what is wrong");
  }
}

}  // namespace uid2
