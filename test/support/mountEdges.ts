// Runs in a mount namespace of its own (see mountWatch.test.ts) and prints what MountWatch said of each change, each
// way of waiting.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Epoll, type MountChanges, MountWatch, Reactor } from 'epoll-ts';
import { EpollEventBuffer, EPOLLET, EPOLLPRI } from 'epoll-ts/sys';

const folder = mkdtempSync(join(tmpdir(), 'epoll-mounts-'));
const run = (...command: readonly [string, ...string[]]): void => {
  const [program, ...args] = command;
  const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command.join(' ')}: ${stderr}`);
};
// Everything that was made in here is in memory, and gone with the namespace.
run('mount', '-t', 'tmpfs', 'epoll', folder);
const first = join(folder, 'a b\n#');
const second = join(folder, 'second');
for (const path of [first, second]) mkdirSync(path);

const steps: readonly (readonly [string, ...string[]])[] = [
  ['mount', '-t', 'tmpfs', 'one', first],
  ['mount', '-o', 'remount,bind,ro', first],
  ['mount', '-t', 'tmpfs', 'two', second],
  ['umount', first],
  ['umount', second],
];

const short = (changes: MountChanges | null): unknown =>
  changes && {
    added: changes.added.map(({ mountPoint, type, source }) => [mountPoint.slice(folder.length), type, source]),
    removed: changes.removed.map(({ mountPoint }) => mountPoint.slice(folder.length)),
    changed: changes.changed.map(({ before, after }) => [before.options.split(',')[0], after.options.split(',')[0]]),
  };
const seen: Record<string, unknown[]> = { attached: [], oneshot: [], awaited: [], blocking: [], epoll: [] };

for (const [kind, rearms] of [
  ['attached', false],
  ['oneshot', true],
] as const) {
  using watch = new MountWatch();
  using reactor = new Reactor();
  let next = (): void => {};
  const trigger = rearms ? 'oneshot' : 'level';
  reactor.register(watch, { priority: true, trigger }, (_, registration) => {
    seen[kind]?.push(short(watch.read()));
    if (rearms) registration.rearm();
    next();
  });
  for (const step of steps) {
    const told = new Promise<void>((resolve) => {
      next = resolve;
    });
    run(...step);
    await told;
  }
}

{
  using watch = new MountWatch();
  using reactor = new Reactor();
  const registration = reactor.register(watch, { priority: true, trigger: 'edge' });
  for (const step of steps) {
    run(...step);
    await registration.ready();
    seen.awaited?.push(short(watch.read()));
  }
}

{
  using watch = new MountWatch();
  using reactor = new Reactor();
  reactor.register(watch, { priority: true }, () => void seen.blocking?.push(short(watch.read())));
  for (const step of steps) {
    run(...step);
    reactor.turn();
  }
}

{
  using watch = new MountWatch();
  using ep = new Epoll();
  ep.add(watch, EPOLLPRI | EPOLLET);
  for (const step of steps) {
    run(...step);
    ep.wait(new EpollEventBuffer(1));
    seen.epoll?.push(short(watch.read()));
  }
}

console.log(JSON.stringify(seen));
