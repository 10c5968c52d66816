#ifndef SERVER_APP_VERSION_H_
#define SERVER_APP_VERSION_H_

namespace uid2 {

constexpr char kVersion[] = "0.1.0";

// What the operator's own statistics call this client (header X-UID2-Client-Version).
constexpr char kClientVersion[] = "uid2-identity-service-0.1.0";

}  // namespace uid2

#endif  // SERVER_APP_VERSION_H_
