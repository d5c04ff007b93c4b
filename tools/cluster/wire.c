// The network between hosts that are network namespaces: a switch in user space, for kernels without tc's netem.
//
//     wire BITS_PER_SECOND NANOSECONDS PID…
//
// Host i (from 1) is the network namespace of the i-th PID. Each gets a TUN device `net0`; the packets it sends leave it
// at the bandwidth given, take the delay given to the other side, and arrive there at the same bandwidth, so that two
// senders share the line of one receiver. The last byte of an IPv4 address is the host's number; other packets are
// dropped. 0 bits a second is an unlimited line. It prints "ready" when the devices are there and ends when it is killed.
//
// Packets keep the kernel's offloads (as between two veth devices): up to 64 KB travel as one packet with one header,
// which is what leaves the processors to the hosts.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

enum { maximumHosts = 64, headerBytes = 10, bufferBytes = 65536 + headerBytes, burst = 32 };

typedef struct Packet {
  struct Packet *next;
  int64_t time;  // when it has left its host, then when it is at the other
  int destination;
  int bytes;
  char data[];
} Packet;

typedef struct {
  Packet *first, *last;
  int64_t free;  // when the line has sent what is in the queue
} Line;

static Line outgoing[maximumHosts], incoming[maximumHosts];
static int hosts;
static double nanosecondsPerByte;
static int64_t delay;

static void fail(const char *what) {
  fprintf(stderr, "wire: %s: %s\n", what, strerror(errno));
  exit(1);
}

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static int64_t later(int64_t a, int64_t b) { return a > b ? a : b; }

static void append(Line *line, Packet *packet) {
  packet->next = NULL;
  if (line->first) line->last->next = packet;
  else line->first = packet;
  line->last = packet;
}

static Packet *removeFirst(Line *line) {
  Packet *packet = line->first;
  line->first = packet->next;
  return packet;
}

static int openDevice(const char *pid) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%s/ns/net", pid);
  int space = open(path, O_RDONLY | O_CLOEXEC);
  if (space < 0 || setns(space, CLONE_NEWNET) < 0) fail(path);
  close(space);
  int device = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (device < 0) fail("/dev/net/tun");
  struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI | IFF_VNET_HDR};
  strcpy(request.ifr_name, "net0");
  if (ioctl(device, TUNSETIFF, &request) < 0) fail("TUNSETIFF");
  if (ioctl(device, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6) < 0) fail("TUNSETOFFLOAD");
  return device;
}

static int64_t transmission(const Packet *packet) { return (int64_t)((packet->bytes - headerBytes) * nanosecondsPerByte); }

/// Takes what a host has sent, and tells when the host's line will have carried it.
static void receive(int device, Line *line) {
  static char buffer[bufferBytes];
  for (int i = 0; i < burst; i++) {
    ssize_t bytes = read(device, buffer, sizeof buffer);
    if (bytes < headerBytes + 20) return;
    const unsigned char *ip = (unsigned char *)buffer + headerBytes;
    int destination = ip[19] - 1;
    if (ip[0] >> 4 != 4 || destination < 0 || destination >= hosts) continue;
    Packet *packet = malloc(sizeof *packet + (size_t)bytes);
    if (!packet) continue;  // a lost packet, which the sender repeats
    memcpy(packet->data, buffer, (size_t)bytes);
    packet->bytes = (int)bytes;
    packet->destination = destination;
    line->free = packet->time = later(now(), line->free) + transmission(packet);
    append(line, packet);
  }
}

/// The first bits of a packet arrive while the last leave: an idle line adds its transmission time once, not twice.
static void forward(Line *line, int64_t moment) {
  while (line->first && line->first->time <= moment) {
    Packet *packet = removeFirst(line);
    Line *target = &incoming[packet->destination];
    target->free = packet->time = later(packet->time + delay, target->free + transmission(packet));
    append(target, packet);
  }
}

static void deliver(int device, Line *line, int64_t moment) {
  while (line->first && line->first->time <= moment) {
    Packet *packet = removeFirst(line);
    if (write(device, packet->data, (size_t)packet->bytes) < 0 && errno != EIO && errno != ENOBUFS) fail("write");
    free(packet);
  }
}

int main(int count, char **arguments) {
  hosts = count - 3;
  if (hosts < 1 || hosts > maximumHosts) {
    fprintf(stderr, "usage: wire BITS_PER_SECOND NANOSECONDS PID… (1 to %d)\n", maximumHosts);
    return 2;
  }
  double rate = atof(arguments[1]);
  nanosecondsPerByte = rate > 0 ? 8e9 / rate : 0;
  delay = atoll(arguments[2]);
  struct pollfd devices[maximumHosts];
  for (int i = 0; i < hosts; i++) devices[i] = (struct pollfd){.fd = openDevice(arguments[i + 3]), .events = POLLIN};

  // It must run the moment a packet is due, before whatever else computes here.
  prctl(PR_SET_TIMERSLACK, 1);
  if (sched_setscheduler(0, SCHED_FIFO, &(struct sched_param){.sched_priority = 10}) < 0) perror("wire: SCHED_FIFO");
  puts("ready");
  fflush(stdout);

  for (;;) {
    int64_t due = INT64_MAX;
    for (int i = 0; i < hosts; i++) {
      if (outgoing[i].first && outgoing[i].first->time < due) due = outgoing[i].first->time;
      if (incoming[i].first && incoming[i].first->time < due) due = incoming[i].first->time;
    }
    int64_t left = due == INT64_MAX ? 0 : later(due - now(), 0);
    struct timespec wait = {left / 1000000000, left % 1000000000};
    int ready = ppoll(devices, (nfds_t)hosts, due == INT64_MAX ? NULL : &wait, NULL);
    if (ready < 0 && errno != EINTR) fail("ppoll");
    for (int i = 0; ready > 0 && i < hosts; i++)
      if (devices[i].revents & POLLIN) receive(devices[i].fd, &outgoing[i]);
    int64_t moment = now();
    for (int i = 0; i < hosts; i++) forward(&outgoing[i], moment);
    for (int i = 0; i < hosts; i++) deliver(devices[i].fd, &incoming[i], moment);
  }
}
