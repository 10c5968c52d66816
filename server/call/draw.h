#ifndef SERVER_CALL_DRAW_H_
#define SERVER_CALL_DRAW_H_

namespace uid2 {

// Random, from [0, 1): for jitter and sampling, never for secrets. Thread-safe and cheap.
double DrawUniform();

}  // namespace uid2

#endif  // SERVER_CALL_DRAW_H_
