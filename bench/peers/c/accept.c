// Accepts connections and closes them. Arguments: AT_ONCE [the words that pin the client].
#include "slices.h"
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

static FILE *client;
static int epfd, listener;

static long slice(long operations, void *context) {
  (void)context;
  fprintf(client, "%ld\n", operations);
  fflush(client);
  for (long left = operations; left > 0;) {
    struct epoll_event event;
    must(epoll_wait(epfd, &event, 1, -1), "epoll_wait");
    for (;;) {
      struct sockaddr_storage from;
      socklen_t length = sizeof from;
      int one = 1, fd = accept4(listener, (struct sockaddr *)&from, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (fd < 0 && errno == EAGAIN) break;
      must(fd, "accept4");
      setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
      close(fd);
      left--;
    }
  }
  return operations;
}

int main(int argc, char **argv) {
  if (argc < 2) return 2;
  listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof at;
  must(bind(listener, (struct sockaddr *)&at, sizeof at), "bind");
  must(listen(listener, 1024), "listen");
  must(getsockname(listener, (struct sockaddr *)&at, &length), "getsockname");
  char command[256];
  snprintf(command, sizeof command, "exec %sbuild/bench/c/acceptClient %d %s", argc > 2 ? argv[2] : "", ntohs(at.sin_port), argv[1]);
  client = popen(command, "we");
  epfd = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event event = {.events = EPOLLIN | EPOLLET};
  must(epoll_ctl(epfd, EPOLL_CTL_ADD, listener, &event), "epoll_ctl");
  serve_slices(slice, NULL);
}
