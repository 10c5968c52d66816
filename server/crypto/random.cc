// SPDX-License-Identifier: Apache-2.0

#include "server/crypto/random.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>

namespace uid2 {
namespace {

// RAND_bytes() costs about as much for 20 bytes as for a whole block, so each thread generates
// blocks and takes bytes from them.
class Block {
 public:
  ~Block() { OPENSSL_cleanse(bytes_.data(), bytes_.size()); }

  bool Take(unsigned char* out, size_t size) {
    if (bytes_.size() - used_ < size) {
      if (RAND_bytes(bytes_.data(), static_cast<int>(bytes_.size())) != 1) return false;
      used_ = 0;
    }
    std::copy_n(bytes_.begin() + used_, size, out);
    OPENSSL_cleanse(bytes_.data() + used_, size);
    used_ += size;
    return true;
  }

  size_t size() const { return bytes_.size(); }

 private:
  std::array<unsigned char, 1024> bytes_;
  size_t used_ = 1024;
};

}  // namespace

absl::StatusOr<std::string> RandomBytes(size_t size) {
  thread_local Block block;
  std::string out(size, '\0');
  auto* bytes = reinterpret_cast<unsigned char*>(out.data());
  const bool generated = size <= block.size() ? block.Take(bytes, size)
                                              : RAND_bytes(bytes, static_cast<int>(size)) == 1;
  if (!generated) {
    ERR_clear_error();
    return absl::InternalError("the random number generator failed");
  }
  return out;
}

}  // namespace uid2
