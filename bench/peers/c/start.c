// The CPU time of this process until its first event.
#include "slices.h"
#include <sys/epoll.h>
#include <sys/eventfd.h>

int main(void) {
  int epfd = epoll_create1(EPOLL_CLOEXEC);
  must(epfd, "epoll_create1");
  int fd = eventfd(1, EFD_NONBLOCK | EFD_CLOEXEC);
  must(fd, "eventfd");
  struct epoll_event event = {.events = EPOLLIN};
  must(epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &event), "epoll_ctl");
  must(epoll_wait(epfd, &event, 1, -1), "epoll_wait");
  struct rusage used;
  getrusage(RUSAGE_SELF, &used);
  printf("{\"userUs\":%lld,\"systemUs\":%lld}\n", (long long)micros(used.ru_utime), (long long)micros(used.ru_stime));
  return 0;
}
