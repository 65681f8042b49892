// --json: what docs/inspect.schema.json describes.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Program } from '../../inspect/program.ts';
import { type Schema, schemaFaults } from '../../support/jsonSchema.ts';
import { runInspect } from './runInspect.ts';

const schema = JSON.parse(
  readFileSync(new URL('../../../../docs/inspect.schema.json', import.meta.url), 'utf8'),
) as Schema;

/** A program with much that can be shown, and some of it wrong. */
const source = `
import { openSync } from 'node:fs';
import * as sys from 'epoll-ts/sys';
const ep = sys.epoll_create1(0);
const inner = sys.epoll_create1(sys.EPOLL_CLOEXEC);
const add = (fd, events = sys.EPOLLIN) => { sys.epoll_ctl(ep, sys.EPOLL_CTL_ADD, fd, events, 2n ** 64n - 1n - BigInt(fd)); return fd; };
const [reader, writer] = sys.pipe2(sys.O_CLOEXEC);
add(reader, sys.EPOLLIN | sys.EPOLLONESHOT); add(writer, sys.EPOLLOUT);
const [a, b] = sys.socketpair(sys.AF_UNIX, sys.SOCK_DGRAM, 0); add(a, sys.EPOLLIN | sys.EPOLLET); sys.write(b, Buffer.from('x'));
const ghost = sys.eventfd(1, 0); const copy = sys.fcntl(ghost, sys.F_DUPFD_CLOEXEC, 600); add(ghost); sys.dup3(inner, ghost, 0);
add(sys.timerfd_create(1, 0)); add(sys.signalfd(-1, new sys.SignalSet(['SIGHUP']), 0)); add(sys.pidfd_open(process.ppid, 0)); add(inner);
const notify = sys.inotify_init1(0); sys.inotify_add_watch(notify, '/', sys.IN_CREATE); add(notify);
for (const path of ['/dev/ptmx', '/proc/self/mounts', '/dev/random']) add(openSync(path, 'r'));
for (const [family, type] of [[sys.AF_INET, sys.SOCK_STREAM], [sys.AF_INET6, sys.SOCK_DGRAM], [sys.AF_NETLINK, sys.SOCK_RAW]]) add(sys.socket(family, type, 0));
console.log('ready'); setInterval(() => {}, 1000);`;

test('the output is one line, and valid against the published schema', async () => {
  using program = await Program.node(source);
  const { code, stdout, stderr } = await runInspect(['--json', String(program.pid)]);
  assert.deepEqual([code, stderr, stdout.indexOf('\n')], [3, '', stdout.length - 1]);
  const document: unknown = JSON.parse(stdout);
  assert.deepEqual(schemaFaults(document, schema), []);
});

test('so are the documents of no process, of a single look, and of --all', async () => {
  using program = await Program.node("console.log('ready'); setInterval(() => {}, 1000);");
  const pid = String(program.pid);
  for (const args of [['--sample', '0', pid], ['--no-ready', pid], ['--all'], ['2147483647']]) {
    const { stdout } = await runInspect(['--json', ...args]);
    assert.deepEqual(schemaFaults(JSON.parse(stdout), schema), [], args.join(' '));
  }
});

test('the schema refuses what is not so: a member too few, one too many, a wrong type', async () => {
  using program = await Program.node(source);
  const { stdout } = await runInspect(['--json', '--sample', '0', String(program.pid)]);
  const broken = (change: (process: Record<string, unknown>) => void): string[] => {
    const document = JSON.parse(stdout) as { processes: Record<string, unknown>[] };
    assert.ok(document.processes[0] !== undefined);
    change(document.processes[0]);
    return schemaFaults(document, schema);
  };
  assert.deepEqual(
    broken(() => {}),
    [],
  );
  assert.deepEqual(
    broken((process) => delete process['pid']),
    ['$.processes[0].pid is missing'],
  );
  assert.deepEqual(
    broken((process) => (process['more'] = 1)),
    ['$.processes[0].more is not in the schema'],
  );
  assert.match(broken((process) => (process['uid'] = 'root')).join(), /uid must be integer or null/);
  const withTarget = broken((process) => {
    const [instance] = (process['instances'] as { entries: { target: unknown }[] }[]).filter(
      ({ entries }) => entries.length > 0,
    );
    assert.ok(instance?.entries[0] !== undefined);
    instance.entries[0].target = { kind: 'pipe', inode: '1' };
  });
  assert.equal(withTarget.length, 1);
});

test('the name and command line of another process cannot steer the terminal', async () => {
  using program = await Program.node(
    "process.title = 'a\\x1b[31mb\\n'; console.log('ready'); setInterval(() => {}, 1000);",
  );
  for (const args of [[], ['--json']]) {
    const { stdout } = await runInspect([...args, String(program.pid)]);
    assert.ok(!stdout.includes('\x1b'), stdout);
    assert.match(stdout, /\\u001b\[31mb/);
  }
});
