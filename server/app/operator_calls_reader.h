#ifndef SERVER_APP_OPERATOR_CALLS_READER_H_
#define SERVER_APP_OPERATOR_CALLS_READER_H_

#include "server/app/config_checker.h"
#include "server/app/config_source.h"
#include "server/app/configuration.h"

namespace uid2 {

// Reads how operators are called: connection, retries, throttling, rest of addresses.
void ReadOperatorCalls(const ConfigSource& source, ConfigChecker& check, Configuration& result);

}  // namespace uid2

#endif  // SERVER_APP_OPERATOR_CALLS_READER_H_
