// An echo server in C: epoll, level-triggered. Arguments: CONNECTIONS SIZE [CORE of the client].
#include "slices.h"
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

static FILE *client;
static int epfd, size;

static long slice(long operations, void *context) {
  static char buffer[65536];
  (void)context;
  fprintf(client, "%ld\n", operations);
  fflush(client);
  for (long left = operations * size; left > 0;) {
    struct epoll_event events[256];
    int n = epoll_wait(epfd, events, 256, -1);
    must(n, "epoll_wait");
    for (int i = 0; i < n; i++) {
      long length = recv(events[i].data.fd, buffer, sizeof buffer, 0);
      must(length, "recv");
      must(send(events[i].data.fd, buffer, length, MSG_NOSIGNAL), "send");
      left -= length;
    }
  }
  return operations;
}

int main(int argc, char **argv) {
  if (argc < 3) return 2;
  int connections = atoi(argv[1]), one = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  size = atoi(argv[2]);
  epfd = epoll_create1(EPOLL_CLOEXEC);
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof at;
  must(bind(listener, (struct sockaddr *)&at, sizeof at), "bind");
  must(listen(listener, 1024), "listen");
  must(getsockname(listener, (struct sockaddr *)&at, &length), "getsockname");
  char command[256];
  snprintf(command, sizeof command, "exec %sbuild/bench/c/echoClient %d %d %d", argc > 3 ? argv[3] : "", ntohs(at.sin_port),
           connections, size);
  client = popen(command, "we");
  for (int i = 0; i < connections; i++) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    must(fd, "accept4");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    must(epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &event), "epoll_ctl");
  }
  serve_slices(slice, NULL);
}
