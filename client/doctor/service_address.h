// SPDX-License-Identifier: Apache-2.0

#ifndef CLIENT_DOCTOR_SERVICE_ADDRESS_H_
#define CLIENT_DOCTOR_SERVICE_ADDRESS_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/doctor/connection.h"

namespace uid2::doctor {

// The host and port of a client's ChannelOptions.address; the first one of a list. Fails with
// kUnimplemented if it has none (unix:, xds:), and like client::TargetOf().
absl::StatusOr<OperatorAddress> FirstAddress(absl::string_view address);

}  // namespace uid2::doctor

#endif  // CLIENT_DOCTOR_SERVICE_ADDRESS_H_
