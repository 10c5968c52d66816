// How every binary runs under ThreadSanitizer, however it was started. TSAN_OPTIONS in the
// environment comes on top.

extern "C" const char* __tsan_default_options();

// Accesses that uninstrumented libraries make (by memmove, say) are theirs to order.
extern "C" const char* __tsan_default_options() {
  return "ignore_noninstrumented_modules=1:halt_on_error=1:second_deadlock_stack=1";
}
