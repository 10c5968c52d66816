// SPDX-License-Identifier: Apache-2.0

// For LD_PRELOAD: reading the file $HANG_FILE never ends, under whatever name it was opened. It need
// not exist when the process starts.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

typedef ssize_t Read(int, void*, size_t);

static int Hangs(int file) {
  const char* const path = getenv("HANG_FILE");
  struct stat hanging;
  struct stat read;
  return path != NULL && stat(path, &hanging) == 0 && fstat(file, &read) == 0 &&
         hanging.st_dev == read.st_dev && hanging.st_ino == read.st_ino;
}

ssize_t read(int file, void* buffer, size_t size) {
  while (Hangs(file)) pause();
  return ((Read*)dlsym(RTLD_NEXT, "read"))(file, buffer, size);
}
