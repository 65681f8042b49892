// The load: each connection has one message under way. Arguments: PORT CONNECTIONS SIZE; a line of standard input: how many
// messages to send in all.
#include "slices.h"
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

int main(int argc, char **argv) {
  if (argc < 4) return 2;
  int connections = atoi(argv[2]), size = atoi(argv[3]), one = 1, epfd = epoll_create1(0);
  int *got = calloc(connections, sizeof(int)), *fds = calloc(connections, sizeof(int));
  char *message = calloc(1, size), *answer = malloc(size), line[64];
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[1])), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  for (int i = 0; i < connections; i++) {
    fds[i] = socket(AF_INET, SOCK_STREAM, 0);
    must(fds[i], "socket");
    must(connect(fds[i], (struct sockaddr *)&to, sizeof to), "connect");
    setsockopt(fds[i], IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = i};
    must(epoll_ctl(epfd, EPOLL_CTL_ADD, fds[i], &event), "epoll_ctl");
  }
  while (fgets(line, sizeof line, stdin) != NULL) {
    long total = atol(line), sent = 0, received = 0;
    for (int i = 0; i < connections && sent < total; i++, sent++) must(send(fds[i], message, size, MSG_NOSIGNAL), "send");
    while (received < total) {
      struct epoll_event events[256];
      int n = epoll_wait(epfd, events, 256, 10000);
      must(n, "epoll_wait");
      if (n == 0) return 3;
      for (int k = 0; k < n; k++) {
        int i = events[k].data.u64, length = recv(fds[i], answer, size - got[i], 0);
        if (length <= 0) return 1;
        if ((got[i] += length) < size) continue;
        got[i] = 0;
        received++;
        if (sent < total && sent++ >= 0) must(send(fds[i], message, size, MSG_NOSIGNAL), "send");
      }
    }
  }
}
