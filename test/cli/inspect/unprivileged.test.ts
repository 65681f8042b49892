// As a user without rights: one's own process is shown in full, that of root is refused in one line.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test, type TestContext } from 'node:test';
import { Program } from '../../inspect/program.ts';
import { patientSample } from './runInspect.ts';

const root = fileURLToPath(new URL('../../../..', import.meta.url));
const asNobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--no-new-privs'];

function reasonToSkip(): string | false {
  if (process.getuid?.() !== 0) return 'only root can become another user';
  const [program, ...args] = [...asNobody, process.execPath, '-e', '0'];
  const { error, status } = spawnSync(program ?? '', args, { stdio: 'ignore' });
  if (error !== undefined) return 'setpriv is not installed';
  return status === 0 ? false : 'setpriv may not change the user here, or the user may not run this Node';
}

/** The package where everybody may read it. */
function readablePackage(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'epoll-unprivileged-'));
  t.after(() => rmSync(folder, { recursive: true }));
  chmodSync(folder, 0o755);
  for (const part of ['package.json', 'dist', 'node_modules/koffi', 'node_modules/@koromix']) {
    cpSync(join(root, part), join(folder, part), { recursive: true });
  }
  spawnSync('chmod', ['-R', 'a+rX', folder]);
  return folder;
}

async function run(
  folder: string,
  args: readonly string[],
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const { NODE_TEST_CONTEXT: _, NODE_OPTIONS: __, ...env } = process.env;
  const [program = '', ...rest] = [...asNobody, process.execPath, join(folder, 'dist/cli/bin.js'), 'inspect', ...args];
  const child = spawn(program, rest, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = once(child, 'exit');
  const [stdout, stderr] = await Promise.all(
    [child.stdout, child.stderr].map(async (stream) => (await stream.setEncoding('utf8').toArray()).join('')),
  );
  const [code] = (await exited) as [number | null];
  return {
    code,
    stdout: stdout ?? '',
    stderr: stderr ?? '',
  };
}

const skip = reasonToSkip();

const source = `
import * as sys from 'epoll-ts/sys';
const ep = sys.epoll_create1(sys.EPOLL_CLOEXEC);
const [reader, writer] = sys.pipe2(sys.O_CLOEXEC);
sys.write(writer, Buffer.from('abc'));
sys.epoll_ctl(ep, sys.EPOLL_CTL_ADD, reader, sys.EPOLLIN | sys.EPOLLET, 1);
const copy = sys.dup(reader);
console.log('ready ' + JSON.stringify({ ep, reader }));
setInterval(() => {}, 1000);`;

test("a user's own process is shown in full, and what of others is missing is said in a line", { skip }, async (t) => {
  const folder = readablePackage(t);
  using program = await Program.start([...asNobody, process.execPath, '--input-type=module', '--eval', source], {
    cwd: folder,
  });
  const { ep, reader } = JSON.parse(/^ready (.*)$/m.exec(program.stdout)?.[1] ?? '') as Record<string, number>;
  const { code, stdout, stderr } = await run(folder, ['--json', '--sample', patientSample, String(program.pid)]);
  assert.deepEqual([code, stderr], [3, '']);
  const [shown] = JSON.parse(stdout).processes;
  const entry = shown.instances.find(({ fd }: { fd: number }) => fd === ep).entries[0];
  assert.deepEqual(
    [entry.fd, entry.ghost, entry.ready, entry.backlog.unread, entry.target.kind],
    [reader, false, 1, 3, 'pipe'],
  );
  assert.deepEqual(
    shown.findings.map((finding: { code: string }) => finding.code),
    ['edge-stall'],
  );
  const missing: string[] = shown.missing.map(({ what }: { what: string }) => what);
  assert.deepEqual(missing, ['others'], JSON.stringify(shown.missing));
});

test("root's process is refused in one clear line, with status 1", { skip }, async (t) => {
  const { code, stdout, stderr } = await run(readablePackage(t), [String(process.pid)]);
  assert.deepEqual([code, stdout], [1, '']);
  assert.match(
    stderr,
    /^epoll inspect: EACCES: inspect \/proc\/\d+\/fd: process \d+ \(.*\) of user 0 may be looked into by root.*\n$/,
  );
});

test('--all shows what may be seen, and counts the rest in a line', { skip }, async (t) => {
  const folder = readablePackage(t);
  using program = await Program.start([...asNobody, process.execPath, '--input-type=module', '--eval', source], {
    cwd: folder,
  });
  const { code, stdout, stderr } = await run(folder, ['--all']);
  assert.equal(code, 3);
  assert.match(stdout, new RegExp(`\\(${program.pid}\\)  user 65534`));
  assert.match(
    stderr,
    /^epoll inspect: \d+ processes of other users were left out: they need root or CAP_SYS_PTRACE\n$/,
  );
});
