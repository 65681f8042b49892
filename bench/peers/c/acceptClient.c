// Connects over and over, and waits for the server to close. Arguments: PORT AT_ONCE; a line of standard input: how many
// connections to make in all. Each ends with a reset, so that none is left in TIME_WAIT and the ports last.
#include "slices.h"
#include <arpa/inet.h>
#include <sys/epoll.h>
#include <sys/socket.h>

static struct sockaddr_in to = {.sin_family = AF_INET};
static int epfd;

static void open_one(void) {
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  struct linger reset = {.l_onoff = 1};
  struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
  must(fd, "socket");
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  must(connect(fd, (struct sockaddr *)&to, sizeof to), "connect");
  must(epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &event), "epoll_ctl");
}

int main(int argc, char **argv) {
  if (argc < 3) return 2;
  int at_once = atoi(argv[2]);
  char line[64];
  to.sin_port = htons(atoi(argv[1]));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  epfd = epoll_create1(0);
  while (fgets(line, sizeof line, stdin) != NULL) {
    long total = atol(line), opened = 0, ended = 0;
    for (; opened < at_once && opened < total; opened++) open_one();
    while (ended < total) {
      struct epoll_event events[256];
      int n = epoll_wait(epfd, events, 256, 10000);
      must(n, "epoll_wait");
      if (n == 0) return 3;
      for (int i = 0; i < n; i++, ended++) {
        close(events[i].data.fd);
        if (opened < total && opened++ >= 0) open_one();
      }
    }
  }
}
