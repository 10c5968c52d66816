// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_HTTP_TRANSPORT_CHOICE_H_
#define SERVER_HTTP_TRANSPORT_CHOICE_H_

#include <memory>

#include "absl/status/statusor.h"
#include "server/http/http_client_options.h"
#include "server/http/http_transport.h"
#include "server/http/tls/trust_store.h"
#include "server/telemetry/http_metrics.h"

namespace uid2 {

// Makes the transport that `options` ask for. Fails with kInvalidArgument if they are invalid.
absl::StatusOr<std::unique_ptr<HttpTransport>> MakeHttpTransport(
    const HttpClientOptions& options, std::shared_ptr<const TrustStore> trust_store,
    const HttpMetrics& metrics = {});

}  // namespace uid2

#endif  // SERVER_HTTP_TRANSPORT_CHOICE_H_
