// The protocol of a contender: a line with a number of operations in, a line with what they cost out.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#ifndef SLICES_H
#define SLICES_H
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static inline void must(long answer, const char *call) {
  if (answer >= 0) return;
  fprintf(stderr, "Cannot measure as %s failed: %s\n", call, strerror(errno));
  exit(1);
}

static inline int64_t wall_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static inline int64_t micros(struct timeval time) { return time.tv_sec * 1000000LL + time.tv_usec; }

// Runs one slice per line of standard input, and prints how many operations it did: at least as many as asked for.
static inline void serve_slices(long (*slice)(long operations, void *context), void *context) {
  char line[64];
  setvbuf(stdout, NULL, _IOLBF, 0);
  while (fgets(line, sizeof line, stdin) != NULL) {
    struct rusage before, after;
    getrusage(RUSAGE_SELF, &before);
    int64_t begin = wall_ns();
    long done = slice(atol(line), context);
    int64_t wall = wall_ns() - begin;
    getrusage(RUSAGE_SELF, &after);
    printf("{\"operations\":%ld,\"wallNs\":%lld,\"userUs\":%lld,\"systemUs\":%lld}\n", done, (long long)wall,
           (long long)(micros(after.ru_utime) - micros(before.ru_utime)),
           (long long)(micros(after.ru_stime) - micros(before.ru_stime)));
  }
}
#endif
