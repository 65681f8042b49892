// epoll_wait with 1 ready as a call from JavaScript finds it: beside other threads, and so many returns deep. Arguments: THREADS
// DEPTH. Threads share the table of descriptors, so that the kernel counts who uses a file; and where it has the Safe RET
// mitigation (AMD), it leaves nothing of the processor's memory of where to return to.
#include "slices.h"
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

static int epfd, depth;
static volatile long seen;

__attribute__((noinline)) static int deep(int left, struct epoll_event *events) {
  int n = left > 0 ? deep(left - 1, events) : epoll_wait(epfd, events, 256, -1);
  __asm__ volatile("" ::: "memory"); // no tail call: each level returns
  return n;
}

static long slice(long operations, void *context) {
  struct epoll_event events[256];
  (void)context;
  for (long done = 0; done < operations; done++) {
    must(deep(depth, events), "epoll_wait");
    seen += events[0].events;
  }
  return operations;
}

static void *idle(void *context) {
  pause();
  return context;
}

int main(int argc, char **argv) {
  if (argc < 3) return 2;
  depth = atoi(argv[2]);
  for (int left = atoi(argv[1]); left > 0; left--) {
    pthread_t thread;
    pthread_create(&thread, NULL, idle, NULL);
  }
  epfd = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event event = {.events = EPOLLIN};
  must(epoll_ctl(epfd, EPOLL_CTL_ADD, eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK), &event), "epoll_ctl");
  serve_slices(slice, NULL);
  exit(0);
}
