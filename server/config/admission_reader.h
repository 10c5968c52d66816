// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_CONFIG_ADMISSION_READER_H_
#define SERVER_CONFIG_ADMISSION_READER_H_

#include <cstdint>

#include "server/config/config_checker.h"
#include "server/config/config_source.h"
#include "server/config/configuration.h"

namespace uid2 {

// Reads the limit on calls in flight. `open_files` must be at least twice this limit plus 256. If
// it is not, a configured limit is a problem; the default is lowered until it fits, with a notice.
void ReadAdmission(const ConfigSource& source, int64_t open_files, ConfigChecker& check,
                   Configuration& result);

}  // namespace uid2

#endif  // SERVER_CONFIG_ADMISSION_READER_H_
