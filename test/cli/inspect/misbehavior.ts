// Programs that do one thing wrong: each gets exactly its finding, and the same program done right gets none.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KCMP_FILE, kcmp } from 'epoll-ts/sys';
import { Program } from '../../inspect/program.ts';
import { inspectJson, patientSample, runInspect } from './runInspect.ts';

const noKcmp = kcmp(process.pid, process.pid, KCMP_FILE, 0, 0) < 0 && 'kcmp is refused here';

interface Sources {
  readonly python: string;
  readonly node: string;
}

interface Case {
  readonly name: string;
  readonly codes: readonly string[];
  readonly kcmp?: true;
  /** How long to look, where it takes longer to be sure. */
  readonly sample?: string;
  /** Shown of a finding. */
  readonly evidence: RegExp;
  readonly wrong: Sources;
  readonly right: Sources;
}

const python = (body: string, end = 'time.sleep(1000)'): string => `
import os, select, socket, time
${body}
print('ready')
${end}`;

// libuv's own instances are in the process, too, and must give no finding.
const node = (body: string, end = 'setInterval(() => {}, 1000);'): string => `
import * as sys from 'epoll-ts/sys';
const buffer = new sys.EpollEventBuffer(8);
const ep = sys.epoll_create1(sys.EPOLL_CLOEXEC);
const add = (fd, events, on = ep) => sys.epoll_ctl(on, sys.EPOLL_CTL_ADD, fd, events, fd);
const [reader, writer] = sys.pipe2(sys.O_CLOEXEC | sys.O_NONBLOCK);
${body}
console.log('ready');
${end}`;

const oneshot = {
  python: (rearm: string): string =>
    python(`
ep = select.epoll(); r, w = os.pipe()
ep.register(r, select.EPOLLIN | select.EPOLLONESHOT)
os.write(w, b'x'); ep.poll(); os.read(r, 1)
${rearm}`),
  node: (rearm: string): string =>
    node(`
add(reader, sys.EPOLLIN | sys.EPOLLONESHOT);
sys.write(writer, Buffer.from('x')); sys.epoll_wait(ep, buffer, 8, 0); sys.read(reader, Buffer.alloc(1));
${rearm}`),
};

const cases: readonly Case[] = [
  {
    name: 'a one-shot that fired and is not armed again',
    codes: ['oneshot-disarmed'],
    evidence: /EPOLLONESHOT/,
    wrong: { python: oneshot.python(''), node: oneshot.node('') },
    right: {
      python: oneshot.python('ep.modify(r, select.EPOLLIN | select.EPOLLONESHOT)'),
      node: oneshot.node('sys.epoll_ctl(ep, sys.EPOLL_CTL_MOD, reader, sys.EPOLLIN | sys.EPOLLONESHOT, reader);'),
    },
  },
  {
    name: 'a descriptor that is closed after dup',
    codes: ['ghost'],
    kcmp: true,
    evidence: /is closed, but the entry watches pipe:\[\d+\] read end.*kept open as fd \d+ of/,
    wrong: {
      python: python('ep = select.epoll(); r, w = os.pipe(); ep.register(r, 1); copy = os.dup(r); os.close(r)'),
      node: node('const high = sys.fcntl(reader, sys.F_DUPFD_CLOEXEC, 500); add(high, sys.EPOLLIN); sys.close(high);'),
    },
    right: {
      python: python(
        'ep = select.epoll(); r, w = os.pipe(); ep.register(r, 1); copy = os.dup(r); ep.unregister(r); os.close(r)',
      ),
      node: node(
        'add(reader, sys.EPOLLIN); const copy = sys.dup(reader); ' +
          'sys.epoll_ctl(ep, sys.EPOLL_CTL_DEL, reader); sys.close(reader);',
      ),
    },
  },
  {
    name: 'a number that is used again',
    codes: ['ghost-reused'],
    kcmp: true,
    evidence: /fd \d+ is pipe:\[\d+\] read end.* now, but the entry watches/,
    wrong: {
      python: python(
        'ep = select.epoll(); r, w = os.pipe(); a, b = os.pipe(); ep.register(r, 1); copy = os.dup(r); os.dup2(a, r)',
      ),
      node: node(`add(reader, sys.EPOLLIN); const copy = sys.dup(reader); const [other] = sys.pipe2(sys.O_CLOEXEC);
sys.dup3(other, reader, sys.O_CLOEXEC);`),
    },
    right: {
      python: python(
        'ep = select.epoll(); r, w = os.pipe(); a, b = os.pipe(); ep.register(r, 1); ep.unregister(r); ' +
          'copy = os.dup(r); os.dup2(a, r); ep.register(r, 1)',
      ),
      node: node(`add(reader, sys.EPOLLIN); sys.epoll_ctl(ep, sys.EPOLL_CTL_DEL, reader); const copy = sys.dup(reader);
const [other] = sys.pipe2(sys.O_CLOEXEC); sys.dup3(other, reader, sys.O_CLOEXEC); add(reader, sys.EPOLLIN);`),
    },
  },
  {
    name: 'level-triggered data that is left unread in a loop',
    codes: ['spin'],
    sample: '1s',
    evidence: /EPOLLIN, 3 bytes unread; thread \d+ \(.*\) was busy \d+ %/,
    wrong: {
      python: python(
        "ep = select.epoll(); r, w = os.pipe(); ep.register(r, 1); os.write(w, b'abc')",
        'while True: ep.poll()',
      ),
      node: node(
        "add(reader, sys.EPOLLIN); sys.write(writer, Buffer.from('abc'));",
        // Node's own loop gets its turns: what V8 posts to it would be one more thing that is left unread.
        'process.stdout.write("", function spin() { for (let i = 0; i < 1000; ' +
          'i++) sys.epoll_wait(ep, buffer, 8, -1); setImmediate(spin); });',
      ),
    },
    right: {
      python: python(
        "ep = select.epoll(); r, w = os.pipe(); ep.register(r, 1); os.write(w, b'abc')",
        'while True:\n  for fd, _ in ep.poll(): os.read(fd, 10)',
      ),
      node: node(
        "add(reader, sys.EPOLLIN); sys.write(writer, Buffer.from('abc')); sys.epoll_wait(ep, buffer, 8, 0); " +
          'sys.read(reader, Buffer.alloc(8));',
      ),
    },
  },
  {
    name: 'a listener in four instances without EPOLLEXCLUSIVE',
    codes: ['herd'],
    evidence:
      /tcp 127\.0\.0\.1:\d+ LISTEN is watched without EPOLLEXCLUSIVE by epoll fd \d+, epoll fd \d+, epoll fd \d+, epoll fd \d+$/,
    wrong: {
      python: python(
        "l = socket.create_server(('127.0.0.1', 0)); eps = [select.epoll() for _ in range(4)]\nfor e in eps: " +
          'e.register(l, 1)',
      ),
      node: node(`const l = sys.socket(sys.AF_INET, sys.SOCK_STREAM | sys.SOCK_CLOEXEC, 0); sys.bind(l, sys.encodeSockaddr({ family: sys.AF_INET, address: '127.0.0.1', port: 0 })); sys.listen(l, 8);
for (let i = 0; i < 4; i++) add(l, sys.EPOLLIN, sys.epoll_create1(sys.EPOLL_CLOEXEC));`),
    },
    right: {
      python: python(
        "l = socket.create_server(('127.0.0.1', 0)); eps = [select.epoll() for _ in range(4)]\nfor e in eps: " +
          'e.register(l, 1 | select.EPOLLEXCLUSIVE)',
      ),
      node: node(`const l = sys.socket(sys.AF_INET, sys.SOCK_STREAM | sys.SOCK_CLOEXEC, 0); sys.bind(l, sys.encodeSockaddr({ family: sys.AF_INET, address: '127.0.0.1', port: 0 })); sys.listen(l, 8);
for (let i = 0; i < 4; i++) add(l, sys.EPOLLIN | sys.EPOLLEXCLUSIVE, sys.epoll_create1(sys.EPOLL_CLOEXEC));`),
    },
  },
  {
    name: 'instances nested three deep',
    codes: ['nesting'],
    evidence: /^3 instances in a chain, of 5/,
    wrong: {
      python: python('a, b, c = select.epoll(), select.epoll(), select.epoll(); a.register(b, 1); b.register(c, 1)'),
      node: node(
        'const b = sys.epoll_create1(sys.EPOLL_CLOEXEC), c = sys.epoll_create1(sys.EPOLL_CLOEXEC); ' +
          'add(b, sys.EPOLLIN); add(c, sys.EPOLLIN, b);',
      ),
    },
    right: {
      python: python('a, b, c = select.epoll(), select.epoll(), select.epoll(); a.register(b, 1); a.register(c, 1)'),
      node: node(
        'const b = sys.epoll_create1(sys.EPOLL_CLOEXEC), c = sys.epoll_create1(sys.EPOLL_CLOEXEC); ' +
          'add(b, sys.EPOLLIN); add(c, sys.EPOLLIN);',
      ),
    },
  },
  {
    name: 'an instance that a forked child has, too',
    codes: ['leaked'],
    kcmp: true,
    evidence: /the same instance is open in child \S+\(\d+\) as fd \d+$/,
    wrong: {
      python: python(
        'ep = select.epoll()\nparent = os.getpid()\nif os.fork() == 0:\n  while os.getppid() == parent: ' +
          'time.sleep(0.05)\n  os._exit(0)',
      ),
      node: node(`sys.epoll_create1(0);
const { spawn } = await import('node:child_process');
const child = spawn('sleep', ['1000'], { stdio: 'ignore' });
process.stdin.on('end', () => { child.kill(); process.exit(); }).resume();`),
    },
    right: {
      python: python(
        // Ready when the child has closed it: at the end of the pipe.
        'ep = select.epoll(); r, w = os.pipe()\nparent = os.getpid()\nif os.fork() == 0:\n  ep.close(); ' +
          'os.close(w)\n  while os.getppid() == parent: time.sleep(0.05)\n  os._exit(0)\nos.close(w); ' +
          'os.read(r, 1)',
      ),
      node: node(`const { spawn } = await import('node:child_process');
const child = spawn('sleep', ['1000'], { stdio: 'ignore' });
process.stdin.on('end', () => { child.kill(); process.exit(); }).resume();`),
    },
  },
  {
    name: 'edge-triggered data that stays unread',
    codes: ['edge-stall'],
    evidence: /at each of \d looks in \d+ ms: 2 bytes unread$/,
    wrong: {
      python: python(
        "ep = select.epoll(); r, w = os.pipe(); ep.register(r, 1 | select.EPOLLET); os.write(w, b'abc'); " +
          'ep.poll(); os.read(r, 1)',
        'ep.poll()',
      ),
      node: node(
        "add(reader, sys.EPOLLIN | sys.EPOLLET); sys.write(writer, Buffer.from('abc')); " +
          'sys.epoll_wait(ep, buffer, 8, 0); sys.read(reader, Buffer.alloc(1));',
      ),
    },
    right: {
      python: python(
        "ep = select.epoll(); r, w = os.pipe(); ep.register(r, 1 | select.EPOLLET); os.write(w, b'abc'); " +
          'ep.poll(); os.read(r, 3)',
        'ep.poll()',
      ),
      node: node(
        "add(reader, sys.EPOLLIN | sys.EPOLLET); sys.write(writer, Buffer.from('abc')); " +
          'sys.epoll_wait(ep, buffer, 8, 0); sys.read(reader, Buffer.alloc(8));',
      ),
    },
  },
  {
    name: 'level-triggered EPOLLOUT on an idle socket',
    codes: ['out-idle'],
    evidence: /unix stream.*: writable, with nothing to send/,
    wrong: {
      python: python('ep = select.epoll(); a, b = socket.socketpair(); ep.register(a, 1 | 4)'),
      node: node(
        'const [a, b] = sys.socketpair(sys.AF_UNIX, sys.SOCK_STREAM | sys.SOCK_CLOEXEC, 0); ' +
          'add(a, sys.EPOLLIN | sys.EPOLLOUT);',
      ),
    },
    right: {
      python: python('ep = select.epoll(); a, b = socket.socketpair(); ep.register(a, 1 | 4 | select.EPOLLET)'),
      node: node(
        'const [a, b] = sys.socketpair(sys.AF_UNIX, sys.SOCK_STREAM | sys.SOCK_CLOEXEC, 0); add(a, sys.EPOLLIN);',
      ),
    },
  },
  {
    name: 'a hangup that nobody takes',
    codes: ['hup-pending'],
    evidence: /EPOLLHUP/,
    wrong: {
      python: python('ep = select.epoll(); r, w = os.pipe(); ep.register(r, 1); os.close(w)'),
      node: node('add(reader, sys.EPOLLIN); sys.close(writer);'),
    },
    right: {
      python: python(
        'ep = select.epoll(); r, w = os.pipe(); ep.register(r, 1); os.close(w); ep.unregister(r); os.close(r)',
      ),
      node: node('add(reader, sys.EPOLLIN); sys.close(writer); sys.close(reader);'),
    },
  },
  {
    name: 'an error that nobody takes',
    codes: ['err-pending'],
    evidence: /EPOLLERR/,
    wrong: {
      python: python(
        'ep = select.epoll(); r, w = os.pipe(); ep.register(w, select.EPOLLOUT | select.EPOLLET); os.close(r)',
      ),
      node: node('add(writer, sys.EPOLLOUT | sys.EPOLLET); sys.close(reader);'),
    },
    right: {
      python: python('ep = select.epoll(); r, w = os.pipe(); ep.register(w, select.EPOLLOUT | select.EPOLLET)'),
      node: node('add(writer, sys.EPOLLOUT | sys.EPOLLET);'),
    },
  },
];

/**
 * One test per program: run beside the same program without its fault, it gets exactly its finding, and the other none.
 *
 * @param skip why the runtime is not there
 */
export function testMisbehavior(runtime: 'python' | 'node', skip: string | false): void {
  for (const { name, codes, kcmp: needsKcmp, evidence, sample = patientSample, wrong, right } of cases) {
    const reason = skip === false ? needsKcmp === true && noKcmp : skip;
    test(`${runtime}: ${name} is the one finding, and without it there is none`, { skip: reason }, async () => {
      const [bad, good] = await Program.all([Program[runtime](wrong[runtime]), Program[runtime](right[runtime])]);
      try {
        const { code, processes } = await inspectJson(['--sample', sample, String(bad.pid), String(good.pid)]);
        const [found = [], none] = processes.map(({ findings }) => findings);
        assert.deepEqual(
          found.map((finding) => finding.code),
          codes,
          JSON.stringify(found, null, 1),
        );
        assert.match(found[0]?.evidence ?? '', evidence);
        assert.deepEqual([none, code], [[], 3]);
      } finally {
        await Promise.all([bad.end(), good.end()]);
      }
    });
  }

  test(`${runtime}: all the programs without a fault give status 0`, { skip }, async () => {
    const programs = await Program.all(cases.map(({ right }) => Program[runtime](right[runtime])));
    try {
      const { code, stdout } = await runInspect(['--sample', patientSample, ...programs.map(({ pid }) => String(pid))]);
      assert.equal(code, 0, stdout);
    } finally {
      await Promise.all(programs.map((program) => program.end()));
    }
  });
}
