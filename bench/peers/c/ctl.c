// epoll_ctl in C. Argument: mod|add-del|rearm.
#include "slices.h"
#include <sys/epoll.h>
#include <sys/eventfd.h>

static const char *mode;

static long slice(long operations, void *context) {
  int *fds = context;
  struct epoll_event event = {.events = EPOLLIN}, fired;
  for (long i = 0; i < operations; i++) {
    if (strcmp(mode, "mod") == 0) {
      event.data.u64 = i;
      must(epoll_ctl(fds[0], EPOLL_CTL_MOD, fds[1], &event), "epoll_ctl");
    } else if (strcmp(mode, "add-del") == 0) {
      must(epoll_ctl(fds[0], EPOLL_CTL_DEL, fds[1], NULL), "epoll_ctl");
      must(epoll_ctl(fds[0], EPOLL_CTL_ADD, fds[1], &event), "epoll_ctl");
    } else {
      event.events = EPOLLIN | EPOLLONESHOT;
      must(epoll_ctl(fds[0], EPOLL_CTL_MOD, fds[1], &event), "epoll_ctl");
      must(epoll_wait(fds[0], &fired, 1, -1), "epoll_wait");
    }
  }
  return operations;
}

int main(int argc, char **argv) {
  mode = argv[argc - 1];
  int fds[2] = {epoll_create1(EPOLL_CLOEXEC), eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK)};
  struct epoll_event event = {.events = EPOLLIN};
  must(epoll_ctl(fds[0], EPOLL_CTL_ADD, fds[1], &event), "epoll_ctl");
  serve_slices(slice, fds);
}
