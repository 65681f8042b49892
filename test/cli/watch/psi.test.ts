import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { test } from 'node:test';
import { runWatch, startWatch } from '../watchProcess.ts';

const file = '/proc/pressure/cpu';

/** Keeps every CPU busy several times over until the block that holds it with `using` ends. */
class CpuPressure {
  readonly #busy: ChildProcess[] = Array.from({ length: availableParallelism() * 3 }, () =>
    spawn('timeout', ['60', 'sh', '-c', 'while :; do :; done'], { stdio: 'ignore', detached: true }),
  );

  [Symbol.dispose](): void {
    for (const { pid } of this.#busy) if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  }
}

for (const args of [[], ['--edge'], ['--oneshot']]) {
  test(`epoll watch ${args.join(' ')} psi:cpu reports EPOLLPRI under pressure, with the pressure`, async (t) => {
    if (!existsSync(file)) return t.skip(`no ${file} here`);
    using watch = startWatch(['--json', '--count', '1', ...args, 'psi:cpu:some:20ms/2s']);
    const [, refused] = await watch.until(
      'the start',
      () => /^watching|^psi:\S+: (\w+)/m.exec(watch.stderr) ?? undefined,
    );
    if (refused !== undefined) return t.skip(`no pressure triggers here: ${refused}`);
    using _pressure = new CpuPressure();
    const { code } = await watch.end();
    const [event] = watch.events;
    assert.deepEqual(event?.events, ['EPOLLPRI']);
    assert.equal(event.mask, 2);
    const pressure = event.detail['some'] as Record<string, number>;
    assert.deepEqual(Object.keys(pressure), ['avg10', 'avg60', 'avg300', 'total']);
    assert.ok(Number(pressure['total']) >= 20_000);
    assert.equal(code, 0);
  });
}

test('epoll watch psi says what an unprivileged user needs', async (t) => {
  if (!existsSync(file)) return t.skip(`no ${file} here`);
  // Without the capability also where the tests run with it.
  const drop = ['setpriv', '--bounding-set=-sys_resource', '--inh-caps=-sys_resource'];
  const through = spawnSync('setpriv', [...drop.slice(1), 'true']).status === 0 ? drop : [];
  const { stderr } = await runWatch(['--for', '10ms', 'psi:cpu:some:100ms/1s'], { through });
  if (!stderr.includes('EINVAL')) return t.skip(`this kernel does not refuse it: ${stderr.split('\n')[0]}`);
  assert.match(
    stderr,
    /^psi:cpu:some:100ms\/1s: EINVAL: without CAP_SYS_RESOURCE the window must be a multiple of 2s: for example psi:cpu:some:100ms\/2s$/m,
  );
});
