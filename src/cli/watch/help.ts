/** What `epoll watch --help` prints. */
export const help = `Usage: epoll watch [options] SOURCE…

Waits on anything that can be waited for, and prints a line per readiness event: time, source, descriptor, flags by
name, what was read. Ends when no source is left, or at Ctrl-C (SIGINT, SIGTERM), with a summary.

Sources:
  stdin                    standard input: a terminal, a pipe or a socket
  fd:N                     descriptor N, passed by the shell: epoll watch fd:3 3<FIFO
  timer:TIME               a timer that expires every TIME: 250us, 100ms, 1.5s, 1m
  inotify:PATH             changes of a file, or of a directory and what is directly in it
  pid:N                    a process: one event when it ends
  signal:NAME              a signal: HUP, SIGUSR1, WINCH; with signal:INT Ctrl-C does not end it
  psi:WHAT:SHARE:STALL/WINDOW
                           pressure: psi:cpu:some:100ms/2s tells when some task waited for a CPU for 100 ms within 2 s.
                           WHAT is cpu, memory, io or irq, SHARE some or full, WINDOW 500ms to 10s; without
                           CAP_SYS_RESOURCE a multiple of 2s
  tcp:HOST:PORT            listens, and reports each connection; HOST empty or * is every address, IPv6 is in brackets,
                           PORT 0 is a free one
  unix:PATH, unix:@NAME    the same for a unix socket; the path is removed at the end
  udp:HOST:PORT            reports each datagram by its sender
  path:PATH                a device, a FIFO (opened again when its last writer has left), or a file of procfs, sysfs or
                           cgroupfs, which is read again when it reports a change (EPOLLPRI)

Options:
  --events IN,PRI,RDHUP…   what to watch for, for all sources; by default what each is for. A listening socket is always
                           watched for IN, and its connections for these. EPOLLERR and EPOLLHUP are always reported
  --edge                   edge-triggered (EPOLLET): everything is read at each event, at most 1 MiB
  --oneshot                EPOLLONESHOT, armed again after each event
  --no-rearm               with --oneshot: not armed again, which shows the silence that follows
  --echo                   send back what tcp, unix and udp peers send
  --for TIME               end after TIME
  --count N                end after N events
  --json                   one JSON object per line: time, source, fd, mask, events, detail; all else goes to stderr
  --help                   this text

Level-triggered, the default, at most 64 KiB are read at each event. What stays ready because nothing can be read from
it (EPOLLOUT, fd:N of a listening socket or an epoll instance) is shown ten times a second.

NO_COLOR and FORCE_COLOR are respected. Exit status: 0; 1 when no source could be watched; 2 for a wrong command line.

Examples:
  epoll watch --echo tcp:127.0.0.1:4747 timer:1s
  epoll watch --json --count 5 timer:50ms
  sleep 1 | epoll watch stdin signal:HUP inotify:/tmp
`;
