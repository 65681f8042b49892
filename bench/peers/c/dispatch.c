// The limit: epoll_wait in C, and a call through a table of handlers for each event. Arguments: READY level|edge [IDLE].
#include "slices.h"
#include <sys/epoll.h>
#include <sys/eventfd.h>

typedef void (*handler)(uint32_t events);
struct state { int epfd, ready, edge; int *fds; handler *handlers; };
static volatile long seen;

__attribute__((noinline)) static void count(uint32_t events) { seen += events & EPOLLIN; }

static long slice(long operations, void *context) {
  struct state *s = context;
  struct epoll_event events[256];
  uint64_t one = 1;
  long done = 0;
  while (done < operations) {
    if (s->edge)
      for (int i = 0; i < s->ready; i++) must(write(s->fds[i], &one, 8), "write");
    for (long left = s->ready; left > 0;) {
      int n = epoll_wait(s->epfd, events, 256, -1);
      must(n, "epoll_wait");
      for (int i = 0; i < n; i++) s->handlers[events[i].data.u64](events[i].events);
      done += n;
      left -= n;
    }
  }
  return done;
}

int main(int argc, char **argv) {
  int ready = atoi(argv[1]), edge = strcmp(argv[2], "edge") == 0, idle = argc > 3 ? atoi(argv[3]) : 0;
  struct state s = {epoll_create1(EPOLL_CLOEXEC), ready, edge, malloc(ready * sizeof(int)), NULL};
  must(s.epfd, "epoll_create1");
  s.handlers = malloc((ready + idle + 16) * sizeof(handler));
  for (int i = 0; i < ready + idle; i++) {
    int fd = eventfd(i < ready && !edge, EFD_CLOEXEC | EFD_NONBLOCK);
    must(fd, "eventfd");
    if (i < ready) s.fds[i] = fd;
    s.handlers[i] = count;
    struct epoll_event event = {.events = EPOLLIN | (edge ? EPOLLET : 0), .data.u64 = i};
    must(epoll_ctl(s.epfd, EPOLL_CTL_ADD, fd, &event), "epoll_ctl");
  }
  serve_slices(slice, &s);
}
