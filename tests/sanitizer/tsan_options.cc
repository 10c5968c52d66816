// SPDX-License-Identifier: Apache-2.0

// The default ThreadSanitizer options of every binary, however it is started. TSAN_OPTIONS in the
// environment overrides them.

extern "C" const char* __tsan_default_options();

// Ignores accesses by uninstrumented libraries (in memmove, for example), because ThreadSanitizer
// cannot see how they order them.
extern "C" const char* __tsan_default_options() {
  return "ignore_noninstrumented_modules=1:halt_on_error=1:second_deadlock_stack=1";
}
