// Runs in a user namespace of its own (see pressureStall.test.ts), where the kernel takes short windows, and prints how
// many true reports of stalls came, one after the other, each way of waiting.
import { EventEmitter, once } from 'node:events';
import { Epoll, type PressureReport, PressureStall, Reactor } from 'epoll-ts';
import { EpollEventBuffer, EPOLLET, EPOLLPRI } from 'epoll-ts/sys';
import { stallCpus } from './cpuStall.ts';

const wanted = 3;
const stallMs = 5;
const made = (): PressureStall => new PressureStall('cpu', { share: 'some', stallMs, windowMs: 100 });
const isTrue = (report: PressureReport | null): boolean => report !== null && report.stallMs >= stallMs;
const seen: Record<string, number> = {};

await using _load = stallCpus();

{
  using stall = made();
  using reactor = new Reactor();
  const told = new EventEmitter();
  let count = 0;
  reactor.register(stall, { priority: true }, () => {
    if (isTrue(stall.read()) && ++count === wanted) told.emit('enough');
  });
  await once(told, 'enough');
  seen.attached = count;
}

{
  using stall = made();
  using reactor = new Reactor();
  const registration = reactor.register(stall, { priority: true, trigger: 'edge' });
  let count = 0;
  while (count < wanted) {
    await registration.ready();
    if (isTrue(stall.read())) count++;
  }
  seen.awaited = count;
}

{
  using stall = made();
  using reactor = new Reactor();
  let count = 0;
  reactor.register(
    stall,
    { priority: true },
    () => void (isTrue(stall.read()) && ++count === wanted && reactor.stop()),
  );
  reactor.run();
  seen.blocking = count;
}

{
  using stall = made();
  using ep = new Epoll();
  ep.add(stall, EPOLLPRI | EPOLLET);
  const events = new EpollEventBuffer(1);
  let count = 0;
  while (count < wanted) if (ep.wait(events) === 1 && isTrue(stall.read())) count++;
  seen.epoll = count;
}

console.log(JSON.stringify(seen));
