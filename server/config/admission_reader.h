#ifndef SERVER_CONFIG_ADMISSION_READER_H_
#define SERVER_CONFIG_ADMISSION_READER_H_

#include <cstdint>

#include "server/config/config_checker.h"
#include "server/config/config_source.h"
#include "server/config/configuration.h"

namespace uid2 {

// Reads how many calls may be in flight, which `open_files` must have room for: two for each, and
// 256 for everything else. A bound that was asked for and has no room is a problem; the default is
// lowered until it has, which is a notice.
void ReadAdmission(const ConfigSource& source, int64_t open_files, ConfigChecker& check,
                   Configuration& result);

}  // namespace uid2

#endif  // SERVER_CONFIG_ADMISSION_READER_H_
