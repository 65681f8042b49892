// One connection that carries as much as it can. Arguments: receive|send [the words that pin the client].
#include "slices.h"
#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>

static FILE *client;
static int epfd, fd, receives;
static char chunk[65536];

// Moves bytes until the kernel says EAGAIN. Answers how many, at most `left`.
static long move_some(long left) {
  long moved = 0;
  while (moved < left) {
    long most = left - moved < (long)sizeof chunk ? left - moved : (long)sizeof chunk;
    long count = receives ? recv(fd, chunk, sizeof chunk, 0) : send(fd, chunk, most, MSG_NOSIGNAL);
    if (count < 0 && errno == EAGAIN) break;
    must(count, receives ? "recv" : "send");
    if (count == 0) exit(1);
    moved += count;
    if (receives && count < (long)sizeof chunk) break;
  }
  return moved;
}

static long slice(long operations, void *context) {
  (void)context;
  if (receives) fprintf(client, "%ld\n", operations), fflush(client);
  long left = operations << 20;
  if (!receives) left -= move_some(left);
  while (left > 0) {
    struct epoll_event event;
    must(epoll_wait(epfd, &event, 1, -1), "epoll_wait");
    left -= move_some(left);
  }
  return operations;
}

int main(int argc, char **argv) {
  if (argc < 2) return 2;
  receives = strcmp(argv[1], "receive") == 0;
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof at;
  must(bind(listener, (struct sockaddr *)&at, sizeof at), "bind");
  must(listen(listener, 16), "listen");
  must(getsockname(listener, (struct sockaddr *)&at, &length), "getsockname");
  char command[256];
  snprintf(command, sizeof command, "exec %sbuild/bench/c/streamClient %d %s", argc > 2 ? argv[2] : "", ntohs(at.sin_port), argv[1]);
  client = popen(command, "we");
  fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
  must(fd, "accept4");
  epfd = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event event = {.events = (receives ? EPOLLIN : EPOLLOUT) | EPOLLET};
  must(epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &event), "epoll_ctl");
  serve_slices(slice, NULL);
}
