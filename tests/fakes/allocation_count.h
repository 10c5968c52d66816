// SPDX-License-Identifier: Apache-2.0

#ifndef TESTS_FAKES_ALLOCATION_COUNT_H_
#define TESTS_FAKES_ALLOCATION_COUNT_H_

namespace uid2::testing {

// Returns how often the calling thread has used operator new so far. A program that calls this has
// an operator new of its own. Not counted are calls of malloc(), such as OpenSSL's, and objects
// with an extended alignment.
int AllocationCount();

}  // namespace uid2::testing

#endif  // TESTS_FAKES_ALLOCATION_COUNT_H_
