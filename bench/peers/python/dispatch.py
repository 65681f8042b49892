"""select.epoll with a handler for each event. Arguments: READY level|edge [IDLE]."""
import os, select, sys
from slices import serve

ready, edge = int(sys.argv[1]), sys.argv[2] == "edge"
idle = int(sys.argv[3]) if len(sys.argv) > 3 else 0
poller = select.epoll()
seen = 0


def count(events):
    global seen
    seen += events & select.EPOLLIN


handlers = {}
fds = []
for index in range(ready + idle):
    fd = os.eventfd(1 if index < ready and not edge else 0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
    if index < ready:
        fds.append(fd)
    handlers[fd] = count
    poller.register(fd, select.EPOLLIN | (select.EPOLLET if edge else 0))


def work(operations):
    done = 0
    while done < operations:
        if edge:
            for fd in fds:
                os.eventfd_write(fd, 1)
        left = ready
        while left > 0:
            batch = poller.poll(-1, 256)
            for fd, events in batch:
                handlers[fd](events)
            done += len(batch)
            left -= len(batch)
    return done


serve(work)
