/*
 * The floor: receives each datagram and sends its bytes to every receiver, with nothing done to them.
 *   sendto <bytes to add> <port>...    prints the port it listens on
 * Counts on standard output when it gets a line on standard input.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static struct sockaddr_in loopback(int port) {
  struct sockaddr_in address = {0};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

static int open_socket(void) {
  int size = 4 << 20;
  struct sockaddr_in any = loopback(0);
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  if (fd < 0 || bind(fd, (struct sockaddr *)&any, sizeof any) != 0) {
    perror("socket");
    exit(1);
  }
  return fd;
}

int main(int argc, char **argv) {
  static char bytes[4096];
  int extra = argc > 1 ? atoi(argv[1]) : 0, receivers = argc - 2;
  long sent = 0, failed = 0;
  struct sockaddr_in *to = calloc(receivers > 0 ? receivers : 1, sizeof *to), own;
  socklen_t own_size = sizeof own;
  for (int n = 0; n < receivers; n++) to[n] = loopback(atoi(argv[n + 2]));
  int in = open_socket(), out = open_socket();
  getsockname(in, (struct sockaddr *)&own, &own_size);
  printf("%d\n", ntohs(own.sin_port));
  fflush(stdout);
  struct pollfd watched[2] = {{.fd = in, .events = POLLIN}, {.fd = 0, .events = POLLIN}};
  for (;;) {
    poll(watched, 2, -1);
    if (watched[1].revents) {
      char line[16];
      if (read(0, line, sizeof line) <= 0) return 0;
      printf("%ld %ld\n", sent, failed);
      fflush(stdout);
    }
    if (!(watched[0].revents & POLLIN)) continue;
    ssize_t length;
    while ((length = recv(in, bytes, sizeof bytes - 64, MSG_DONTWAIT)) > 0) {
      for (int n = 0; n < receivers; n++) {
        if (sendto(out, bytes, length + extra, 0, (struct sockaddr *)&to[n], sizeof to[n]) > 0) sent++;
        else failed++;
      }
    }
  }
}
