// 10,000 entries: under 2 s and under 200 MiB.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { KCMP_FILE, kcmp } from 'epoll-ts/sys';
import { Program } from '../../inspect/program.ts';
import { patientSample, runInspect } from './runInspect.ts';

const count = 10_000;

/** The open-file limit that this process, and so its children, may use. */
function mostFiles(): number {
  const limits = process.report.getReport() as unknown as {
    userLimits: { open_files: { soft: number | string; hard: number | string } };
  };
  const { hard } = limits.userLimits.open_files;
  return hard === 'unlimited' ? Infinity : Number(hard);
}

// Node raises the soft limit to the hard one when it starts.
const skip = mostFiles() < count + 100 ? `a process may have ${mostFiles()} open files only` : false;

const program = (make: string): string => `
import * as sys from 'epoll-ts/sys';
const ep = sys.epoll_create1(sys.EPOLL_CLOEXEC);
const add = (fd) => sys.epoll_ctl(ep, sys.EPOLL_CTL_ADD, fd, sys.EPOLLIN, fd);
${make}
console.log('ready'); setInterval(() => {}, 1000);`;

const kinds = {
  sockets: `for (let i = 0; i < ${count / 2}; i++) sys.socketpair(sys.AF_UNIX, sys.SOCK_STREAM, 0).forEach(add);`,
  // The dearest: each is asked for with kcmp, and has an fdinfo of its own.
  eventfds: `for (let i = 0; i < ${count}; i++) add(sys.eventfd(0, 0));`,
};

// Written by the command itself at its end: CPU time, as the machine may be busy with other things, its largest size,
// and how long this machine works now at something of the same kind.
const measure = `data:text/javascript,${encodeURIComponent(`
import { readFileSync, writeSync } from 'node:fs';
const begin = performance.now();
process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  const wallMs = performance.now() - begin;
  const before = process.cpuUsage();
  for (let round = 0; round < 10_000; round++) readFileSync('/proc/self/fdinfo/0');
  const { user, system } = process.cpuUsage(before);
  const yardMs = (user + system) / 1e3;
  writeSync(2, JSON.stringify({ cpuMs: (userCPUTime + systemCPUTime) / 1e3, wallMs, mib: maxRSS / 1024, yardMs }));
});`)}`;

interface Use {
  readonly cpuMs: number;
  readonly wallMs: number;
  readonly mib: number;
  readonly yardMs: number;
}

// What the yardstick takes on a machine of 2026 (88 to 96 measured). A slower one has as much more time.
const yardHereMs = 90;

/** CPU time as a machine of today would need it. */
function todaysMs({ cpuMs, yardMs }: Use): number {
  return cpuMs * Math.min(1, yardHereMs / yardMs);
}

for (const [kind, make] of Object.entries(kinds)) {
  test(`${count} ${kind} are shown in less than 2 s and 200 MiB`, { skip }, async (t) => {
    using target = await Program.node(program(make));
    const uses: Use[] = [];
    for (let run = 0; run < 5 && !uses.some((use) => todaysMs(use) < 2_000); run++) {
      const { code, stdout, stderr } = await runInspect(['--json', '--sample', patientSample, String(target.pid)], {
        flags: ['--import', measure],
      });
      assert.equal(code, 0, stdout.slice(-1000));
      const { processes } = JSON.parse(stdout);
      const entries = processes[0].instances.flatMap((instance: { entries: unknown[] }) => instance.entries);
      assert.ok(entries.length >= count);
      const unchecked = entries.filter((entry: { ghost: unknown }) => entry.ghost === null).length;
      const missing = processes[0].missing.some(({ what }: { what: string }) => what === 'ghosts');
      assert.equal(unchecked > 0, missing, 'what was not checked is said');
      assert.ok(kind === 'eventfds' || unchecked === 0, 'sockets are all checked');
      assert.ok(!entries.some((entry: { ghost: unknown }) => entry.ghost === true));
      uses.push(JSON.parse(stderr) as Use);
      await nextTurn();
    }
    const best = Math.min(...uses.map(todaysMs));
    t.diagnostic(JSON.stringify(uses));
    assert.ok(best < 2_000, `${best} ms of CPU time`);
    assert.ok(Math.max(...uses.map(({ mib }) => mib)) < 200, JSON.stringify(uses));
  });
}

const noKcmp = kcmp(process.pid, process.pid, KCMP_FILE, 0, 0) < 0 && 'kcmp is refused here';

test('with --exact all of them are checked for being ghosts', { skip: skip || noKcmp }, async () => {
  using target = await Program.node(program(kinds.eventfds));
  const { code, stdout } = await runInspect(['--json', '--exact', '--sample', patientSample, String(target.pid)]);
  const { processes } = JSON.parse(stdout);
  const entries = processes[0].instances.flatMap((instance: { entries: unknown[] }) => instance.entries);
  assert.equal(code, 0);
  assert.ok(entries.every((entry: { ghost: unknown }) => entry.ghost === false));
});
