// The other end of a stream. Arguments: PORT receive|send: what the contender does. A line of standard input: how many MiB to send.
#include "slices.h"
#include <arpa/inet.h>
#include <sys/socket.h>

int main(int argc, char **argv) {
  static char chunk[262144];
  if (argc < 3) return 2;
  char line[64];
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[1])), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  must(connect(fd, (struct sockaddr *)&to, sizeof to), "connect");
  if (strcmp(argv[2], "send") == 0) {
    while (recv(fd, chunk, sizeof chunk, 0) > 0);
    return 0;
  }
  while (fgets(line, sizeof line, stdin) != NULL) {
    for (long left = atol(line) << 20; left > 0;) {
      long count = send(fd, chunk, left < (long)sizeof chunk ? left : (long)sizeof chunk, MSG_NOSIGNAL);
      if (count < 0) return 1;
      left -= count;
    }
  }
}
