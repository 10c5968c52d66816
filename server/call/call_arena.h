// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_CALL_CALL_ARENA_H_
#define SERVER_CALL_CALL_ARENA_H_

#include <array>
#include <cstddef>
#include <memory>
#include <memory_resource>
#include <utility>

namespace uid2 {

// Memory for what the layers keep about one call until it is answered. It is part of the call's
// context, which is part of the gRPC edge's pooled call object, so that the layers allocate nothing
// for a call that succeeds at the first attempt.
//
// Memory is not reused. What does not fit, such as the state of a second attempt, comes from the
// heap and is freed with the arena. Not thread-safe: the step of the call that is in progress uses
// it.
class CallArena {
 public:
  // Enough for a call that succeeds at the first attempt.
  static constexpr size_t kBytes = 544;

  struct Destroy {
    template <typename T>
    void operator()(T* object) const {
      std::destroy_at(object);
    }
  };

  // Owns an object in an arena, which must outlive it. Its destructor may run on any thread.
  template <typename T>
  using Ptr = std::unique_ptr<T, Destroy>;

  CallArena() = default;
  CallArena(const CallArena&) = delete;
  CallArena& operator=(const CallArena&) = delete;

  template <typename T, typename... Arguments>
  Ptr<T> Make(Arguments&&... arguments) {
    void* const memory = resource_.allocate(sizeof(T), alignof(T));
    return Ptr<T>(::new (memory) T{std::forward<Arguments>(arguments)...});
  }

 private:
  // Not initialized, because that would cost every call.
  alignas(std::max_align_t) std::array<std::byte, kBytes> buffer_;
  std::pmr::monotonic_buffer_resource resource_{buffer_.data(), buffer_.size()};
};

}  // namespace uid2

#endif  // SERVER_CALL_CALL_ARENA_H_
