// SPDX-License-Identifier: Apache-2.0

#include "server/config/admin_address_reader.h"

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "server/config/listen_address.h"

namespace uid2 {

void ReadAdminAddress(const ConfigSource& source, ConfigChecker& check, Configuration& result) {
  result.admin_address = source.config().admin_address();
  if (result.admin_address.empty()) return;
  const absl::StatusOr<ListenAddress> admin = ParseListenAddress(result.admin_address);
  if (!admin.ok()) {
    check.Problem("admin_address", admin.status().message());
    return;
  }
  const absl::StatusOr<ListenAddress> grpc = ParseListenAddress(result.listen_address);
  if (grpc.ok() && admin->port != 0 && admin->port == grpc->port) {
    check.Problem("admin_address",
                  absl::StrCat("must have another port than listen_address, which is ",
                               result.listen_address));
  }
}

}  // namespace uid2
