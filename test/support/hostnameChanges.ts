// Runs in a UTS namespace of its own (see arming/forgetful.test.ts) and prints what became of changes of the host name,
// whose file clears its event when it is asked for it.
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { Epoll, formatEvents, Reactor } from 'epoll-ts';
import { EpollEventBuffer, EPOLLIN, EPOLLPRI } from 'epoll-ts/sys';

const file = '/proc/sys/kernel/hostname';
let names = 0;
const change = (): void => writeFileSync(file, `epoll-${++names}`);
const watched = (): number => openSync(file, 'r');
const seen: Record<string, unknown> = {};
const events: string[] = [];
const note = (readiness: number): void => void events.push(formatEvents(readiness));
const settled = async (): Promise<string[]> => {
  // The loop's next iterations: an event that is there is delivered in the first.
  for (let turn = 0; turn < 5; turn++) await setImmediate();
  await setTimeout(1);
  return events.splice(0);
};

{
  const fd = watched();
  const inner = new Epoll();
  const outer = new Epoll();
  inner.add(fd, EPOLLPRI);
  outer.add(inner, EPOLLIN);
  change();
  const buffer = new EpollEventBuffer(1);
  seen.kernelNested = [outer.wait(buffer, { timeoutMs: 0 }), inner.wait(buffer, { timeoutMs: 0 })];
  inner.close();
  outer.close();
  closeSync(fd);
}

const reactor = new Reactor();
const fd = watched();
const registration = reactor.register(fd, { priority: true }, note);
change();
seen.attached = await settled();
change();
seen.turned = [reactor.turn(1000), events.splice(0)];
seen.quiet = [reactor.turn(0), await settled()];

registration.modify({ priority: true, trigger: 'oneshot' });
await settled();
change();
seen.oneshot = [await settled(), registration.armed];
change();
seen.disarmed = await settled();
registration.rearm();
seen.rearmed = [await settled(), registration.armed];
change();
await settled();
registration.rearm();
seen.rearmedTurn = [reactor.turn(1000), events.splice(0)];
registration.close();

const awaited = reactor.register(fd, { priority: true });
change();
seen.awaited = formatEvents(await awaited.ready());
change(); // nobody waits now: it is kept
await settled();
seen.kept = formatEvents(await awaited.ready());
awaited.close();

const moved = reactor.register(fd, { priority: false }, note);
moved.modify({ priority: true });
change();
seen.moved = await settled();
seen.listed = reactor.snapshot().registrations.map(({ kernelEvents }) => formatEvents(kernelEvents ?? 0));
moved.close();
closeSync(fd);

const lost = watched();
const orphan = reactor.register(lost, { priority: true }, note);
closeSync(lost);
seen.closedNumber = await settled();
orphan.close();
reactor.close();
console.log(JSON.stringify(seen));
