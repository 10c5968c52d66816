// SPDX-License-Identifier: Apache-2.0

// For LD_PRELOAD: the process ends with status 99 if OpenSSL has been cleaned up before the last
// exit handler runs. A thread that ends at that time would free its part of OpenSSL once more.

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void CheckOpenSsl(void) {
  // Fails after the clean-up only.
  if (OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, NULL) == 1) return;
  fputs("OpenSSL was cleaned up while the process was ending\n", stderr);
  _exit(99);
}

// Handlers run in reverse order, so the one that registers first comes last.
__attribute__((constructor)) static void Register(void) {
  if (atexit(&CheckOpenSsl) != 0) abort();
}
