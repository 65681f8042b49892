"""The protocol of a contender: a line with a number of operations in, a line with what they cost out."""
import json, resource, sys, time


def serve(work):
    for line in sys.stdin:
        before = resource.getrusage(resource.RUSAGE_SELF)
        begin = time.monotonic_ns()
        done = work(int(line))
        wall = time.monotonic_ns() - begin
        after = resource.getrusage(resource.RUSAGE_SELF)
        cost = {
            "operations": done,
            "wallNs": wall,
            "userUs": round((after.ru_utime - before.ru_utime) * 1e6),
            "systemUs": round((after.ru_stime - before.ru_stime) * 1e6),
        }
        print(json.dumps(cost), flush=True)
