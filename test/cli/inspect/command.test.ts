// epoll inspect from its command line to its exit status.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { test } from 'node:test';
import { missingProgram, Program } from '../../inspect/program.ts';
import { bin, WatchProcess } from '../watchProcess.ts';
import { inspectJson, patientSample, runInspect } from './runInspect.ts';

// The suite may run twice on a machine; a name has at most 15 bytes.
const named = `named-${process.pid}`;
const twins = `twins-${process.pid}`;
const only1 = `only1-${process.pid}`;
const only2 = `only2-${process.pid}`;

const idle = (title = ''): string =>
  `${title === '' ? '' : `process.title = '${title}';`} console.log('ready'); setInterval(() => {}, 1000);`;

/** A program that changes its interest list as it is told to. */
const changing = `
import * as sys from 'epoll-ts/sys';
const ep = sys.epoll_create1(sys.EPOLL_CLOEXEC);
const [reader, writer] = sys.pipe2(sys.O_CLOEXEC | sys.O_NONBLOCK);
const commands = {
  add: () => sys.epoll_ctl(ep, sys.EPOLL_CTL_ADD, reader, sys.EPOLLIN | sys.EPOLLET, 7),
  write: () => sys.write(writer, Buffer.from('abc')),
  read: () => sys.read(reader, Buffer.alloc(8)),
  delete: () => sys.epoll_ctl(ep, sys.EPOLL_CTL_DEL, reader),
  exit: () => process.exit(),
};
process.stdin.setEncoding('utf8').on('data', (text) => { for (const line of text.trim().split('\\n')) commands[line](); console.log('done'); });
console.log('ready ' + JSON.stringify({ ep, reader }));`;

test('a healthy process gives status 0; with its name or its pid', async () => {
  using program = await Program.node(idle(named));
  for (const name of [String(program.pid), named]) {
    const { code, stdout, stderr } = await runInspect(['--sample', patientSample, name]);
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout, new RegExp(`^${named}\\(${program.pid}\\)  user \\d+  threads \\d+`));
    assert.match(stdout, /^ {2}no findings$/m);
  }
});

test('a name means every process that has it, and a process is shown once', async () => {
  using first = await Program.node(idle(twins));
  using second = await Program.node(idle(twins));
  const { processes } = await inspectJson([twins, String(second.pid)]);
  assert.deepEqual(
    processes.map(({ pid }) => pid).toSorted((a, b) => a - b),
    [first.pid, second.pid].toSorted((a, b) => a - b),
  );
});

test('what can not be looked into is said in a line, with status 1, and the rest is shown', async () => {
  using program = await Program.node(idle(only1));
  const gone = spawn('true');
  await new Promise((resolve) => {
    gone.once('exit', resolve);
  });
  const { code, stdout, stderr } = await runInspect([only2, String(gone.pid), String(program.pid)]);
  assert.equal(code, 1);
  assert.match(
    stderr,
    new RegExp(
      `^epoll inspect: No process is named '${only2}': did you mean ${only1}\\?\nepoll inspect: ESRCH: ` +
        '.*there is no process \\d+, or it has just ended\n$',
    ),
  );
  assert.match(stdout, new RegExp(`^${only1}\\(${program.pid}\\)`));
});

test('--all shows the processes that have an instance, not the command itself', async () => {
  using program = await Program.node(idle());
  using command = new WatchProcess(['inspect', '--all', '--json', '--sample', '0']);
  const { pid } = command;
  const { stdout } = await command.end();
  const { processes } = JSON.parse(stdout) as { processes: { pid: number; instances: unknown[] }[] };
  const pids = processes.map((process) => process.pid);
  assert.ok(pids.includes(program.pid) && pids.includes(process.pid));
  assert.ok(!pids.includes(pid));
  assert.ok(processes.every(({ instances }) => instances.length > 0));
});

test('a wrong command line ends with status 2 and one line', async () => {
  const { code, stdout, stderr } = await runInspect(['--al']);
  assert.deepEqual(
    [code, stdout, stderr],
    [2, '', "epoll inspect: Unknown option '--al': did you mean --all? (see epoll inspect --help)\n"],
  );
});

test('--watch writes a line per change where stdout is no terminal, and ends with the process', async () => {
  using program = await Program.node(changing);
  const { ep, reader } = JSON.parse(/^ready (.*)$/m.exec(program.stdout)?.[1] ?? '') as Record<string, number>;
  using watch = new WatchProcess(['inspect', '--watch', '--json', '--every', '20ms', String(program.pid)]);
  await watch.says(/^watching \S+\(\d+\): \d+ instances, \d+ entries$/m);
  const changes = (): string[] =>
    (watch.events as unknown as { epfd: number; fd: number; what: string; detail: string }[])
      .filter(({ epfd }) => epfd === ep)
      .map(
        ({ fd, what, detail }) =>
          `${fd} ${what} ${detail
            .replace(/pipe:\[\d+\]/, 'pipe')
            .replace(/ ↔.*?fd \d+/, '')
            .replace(/: .*/, '')}`,
      );
  const expected = [
    ['add', `${reader} added pipe read end EPOLLIN|EPOLLERR|EPOLLHUP|EPOLLET`],
    ['write', `${reader} ready - → IN`],
    ['', `${reader} finding edge-stall`],
    ['read', `${reader} ready IN → -`],
    ['', `${reader} resolved edge-stall`],
    ['delete', `${reader} removed pipe read end`],
  ] as const;
  for (const [command, line] of expected) {
    if (command !== '') await program.ask(command);
    await watch.until(line, () => (changes().includes(line) ? true : undefined));
  }
  assert.deepEqual(
    changes(),
    expected.map(([, line]) => line),
    'and nothing else',
  );
  program.child.stdin?.write('exit\n');
  const { code, stderr } = await watch.end();
  assert.equal(code, 0);
  assert.match(stderr, /^\S+\(\d+\) has ended$/m);
});

test('--watch ends at SIGINT and after --for, with status 3 where something is wrong at the end', async () => {
  using program = await Program.node(changing);
  await program.ask('add\nwrite');
  // Three looks make a finding; how many there are in a time is for the machine to say.
  using stalled = new WatchProcess(['inspect', '--watch', '--every', '20ms', String(program.pid)]);
  const line = /^\d\d:\d\d:\d\d\.\d{3} {2}\S+\(\d+\) epoll fd \d+ fd \d+ {2}finding {2}edge-stall: pipe/m;
  await stalled.until('the finding', () => (line.test(stalled.stdout) ? true : undefined));
  assert.equal((await stalled.stop('SIGINT')).code, 3);
  await program.ask('read');
  const { code } = await runInspect(['--watch', '--every', '20ms', '--for', '300ms', String(program.pid)]);
  assert.equal(code, 0);
  using watch = new WatchProcess(['inspect', '--watch', String(program.pid)]);
  await watch.says(/^watching/m);
  const end = await watch.stop('SIGINT');
  assert.deepEqual([end.code, end.signal], [0, null]);
  const none = await runInspect(['--watch', '2147483647']);
  assert.equal(none.code, 1);
  assert.match(none.stderr, /^epoll inspect: ESRCH: .*\n$/);
});

test(
  'on a terminal --watch draws a table, and takes keys',
  { skip: missingProgram('script', '--version') },
  async () => {
    using program = await Program.node(changing);
    await program.ask('add');
    const line = `stty rows 20 cols 100; exec '${process.execPath}' '${bin}' inspect --watch --every 50ms ${program.pid}`;
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const child = spawn('script', ['-qec', line, '/dev/null'], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...env, TERM: 'xterm' },
    });
    let screen = '';
    const until = async (pattern: RegExp): Promise<void> => {
      const deadline = performance.now() + 30_000;
      while (!pattern.test(screen)) {
        assert.ok(
          performance.now() < deadline && child.exitCode === null,
          `${pattern} was not drawn: ${JSON.stringify(screen.slice(-3000))}`,
        );
        await new Promise((resolve) => {
          setTimeout(resolve, 20);
        });
      }
    };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (screen += text));
    // Not 'exit': what it drew last may come after that.
    const exited = new Promise((resolve) => {
      child.once('close', resolve);
    });
    await until(/sort: fd {2}filter: all/);
    await until(/pipe:\[\d+\] read/);
    child.stdin.write('s');
    await until(/sort: what/);
    child.stdin.write('ff');
    await until(/filter: not armed/);
    child.stdin.write('jjk\x1b[B\x1b[A');
    child.stdin.write('q');
    assert.equal(await exited, 0);
    assert.ok(screen.startsWith('\x1b[?1049h\x1b[?25l'), 'it took the other screen');
    assert.ok(screen.endsWith('\x1b[?25h\x1b[?1049l'), 'and gave the terminal back');
  },
);
