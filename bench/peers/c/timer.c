// Waits of 100 µs, one after another. Argument: pwait2|timerfd.
#include "slices.h"
#include <sys/epoll.h>
#include <sys/timerfd.h>

static int epfd, timer = -1;
static const long wait_ns = 100000;

static long slice(long operations, void *context) {
  (void)context;
  for (long i = 0; i < operations; i++) {
    struct epoll_event event;
    struct timespec timeout = {.tv_nsec = wait_ns};
    if (timer < 0) {
      must(epoll_pwait2(epfd, &event, 1, &timeout, NULL), "epoll_pwait2");
      continue;
    }
    struct itimerspec once = {.it_value.tv_nsec = wait_ns};
    uint64_t expirations;
    must(timerfd_settime(timer, 0, &once, NULL), "timerfd_settime");
    must(epoll_wait(epfd, &event, 1, -1), "epoll_wait");
    must(read(timer, &expirations, sizeof expirations), "read");
  }
  return operations;
}

int main(int argc, char **argv) {
  if (argc < 2) return 2;
  epfd = epoll_create1(EPOLL_CLOEXEC);
  if (strcmp(argv[1], "timerfd") == 0) {
    struct epoll_event event = {.events = EPOLLIN};
    timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    must(epoll_ctl(epfd, EPOLL_CTL_ADD, timer, &event), "epoll_ctl");
  }
  serve_slices(slice, NULL);
}
