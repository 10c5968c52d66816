// SPDX-License-Identifier: Apache-2.0

// For LD_PRELOAD: getaddrinfo() finds the names in the file $NAME_FILE, which is read each time, and
// asks the system for all others. A line has a name and its addresses: "localhost 127.0.0.1 ::1".

#define _GNU_SOURCE
#include <dlfcn.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef int LookUp(const char*, const char*, const struct addrinfo*, struct addrinfo**);

// Appends the address `text` to `list`.
static int Append(LookUp* look_up, const char* text, const char* service,
                  const struct addrinfo* hints, struct addrinfo** list) {
  while (*list != NULL) list = &(*list)->ai_next;
  return look_up(text, service, hints, list);
}

int getaddrinfo(const char* node, const char* service, const struct addrinfo* hints,
                struct addrinfo** result) {
  LookUp* const look_up = (LookUp*)dlsym(RTLD_NEXT, "getaddrinfo");
  const char* const path = getenv("NAME_FILE");
  FILE* const file = path == NULL ? NULL : fopen(path, "re");
  char line[1024];
  int error = EAI_NONAME;
  int found = 0;
  *result = NULL;
  while (file != NULL && !found && fgets(line, sizeof(line), file) != NULL) {
    char* rest = NULL;
    const char* word = strtok_r(line, " \n", &rest);
    if (word == NULL || node == NULL || strcmp(word, node) != 0) continue;
    found = 1;
    while ((word = strtok_r(NULL, " \n", &rest)) != NULL) {
      error = Append(look_up, word, service, hints, result);
    }
  }
  if (file != NULL) fclose(file);
  return found ? error : look_up(node, service, hints, result);
}
