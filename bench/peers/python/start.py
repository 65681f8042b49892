"""select.epoll: the CPU time of this process until its first event."""
import json, os, resource, select

poller = select.epoll()
poller.register(os.eventfd(1, os.EFD_NONBLOCK | os.EFD_CLOEXEC), select.EPOLLIN)
poller.poll(-1, 1)
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({"userUs": round(used.ru_utime * 1e6), "systemUs": round(used.ru_stime * 1e6)}))
