// A round trip over two eventfds in C, as ours. Argument: thread|process. Of a process the CPU time is that of the asking one.
#include "slices.h"
#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>

static int there, back;

static int watch(int fd) {
  struct epoll_event event = {.events = EPOLLIN | EPOLLET};
  int epfd = epoll_create1(EPOLL_CLOEXEC);
  must(epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &event), "epoll_ctl");
  return epfd;
}

static void wait_for(int epfd) {
  struct epoll_event event;
  must(epoll_wait(epfd, &event, 1, -1), "epoll_wait");
}

static void tell(int fd) {
  uint64_t one = 1;
  must(write(fd, &one, 8), "write");
}

static void *answer(void *context) {
  for (int epfd = watch(there);;) {
    wait_for(epfd);
    tell(back);
  }
  return context;
}

static long slice(long operations, void *context) {
  for (long i = 0; i < operations; i++) {
    tell(there);
    wait_for(*(int *)context);
  }
  return operations;
}

int main(int argc, char **argv) {
  there = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  back = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (strcmp(argv[argc - 1], "process") == 0) {
    if (fork() == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      answer(NULL);
    }
  } else {
    pthread_t thread;
    pthread_create(&thread, NULL, answer, NULL);
  }
  int epfd = watch(back);
  serve_slices(slice, &epfd);
  exit(0);
}
