#ifndef SERVER_OPERATOR_ADDRESS_REST_H_
#define SERVER_OPERATOR_ADDRESS_REST_H_

#include "absl/time/time.h"

namespace uid2 {

struct AddressRestOptions {
  // So many failures in a row send an address to rest.
  int failures = 3;
  // How long it rests before one call probes it; doubled after each probe that fails.
  absl::Duration first_rest = absl::Seconds(1);
  absl::Duration longest_rest = absl::Seconds(5);
};

}  // namespace uid2

#endif  // SERVER_OPERATOR_ADDRESS_REST_H_
