// The limits of a user, reached for real: in a user namespace of its own, so that nobody else runs into them.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** What this Node prints in a user namespace with a limit of 3, or why there is none. */
function printedAtLimit(sysctl: string, source: string): { readonly printed?: string; readonly missing?: string } {
  const setUp = `echo 3 > /proc/sys/user/${sysctl} && echo ready && exec "$0" --input-type=module --eval "$1"`;
  const args = ['--user', '--map-root-user', 'sh', '-c', setUp, process.execPath, source];
  const { error, stdout, stderr } = spawnSync('unshare', args, { cwd: root, encoding: 'utf8', timeout: 60_000 });
  if (error !== undefined) return { missing: `no unshare: ${error.message}` };
  if (!stdout.startsWith('ready\n')) return { missing: `no user namespace: ${stderr.trim()}` };
  return { printed: stdout.slice('ready\n'.length) };
}

const instances = `
import { Inotify } from 'epoll-ts';
const made = [];
try {
  for (;;) made.push(new Inotify());
} catch (error) {
  console.log(made.length, error.message);
}
for (const each of made) each.close();
`;

test('Inotify names the limit of instances', (t) => {
  const { printed, missing } = printedAtLimit('max_inotify_instances', instances);
  if (missing !== undefined) {
    t.skip(missing);
    return;
  }
  const advice =
    'the user has reached sysctl fs.inotify.max_user_instances, or this process its limit of open files (ulimit -n)';
  assert.equal(printed, `3 EMFILE: inotify_init1: ${advice}\n`);
});

const watches = `
import { readdirSync } from 'node:fs';
import { Inotify } from 'epoll-ts';
import { IN_CREATE } from 'epoll-ts/sys';
const inotify = new Inotify();
try {
  for (const name of readdirSync('/')) inotify.watch('/' + name, IN_CREATE);
} catch (error) {
  console.log(error.path.startsWith('/'), error.message.replace(error.path, 'PATH'));
}
inotify.close();
`;

test('watch() names the limit of watches', (t) => {
  const { printed, missing } = printedAtLimit('max_inotify_watches', watches);
  if (missing !== undefined) {
    t.skip(missing);
    return;
  }
  const advice = 'the user has reached sysctl fs.inotify.max_user_watches: raise it or watch fewer files';
  assert.equal(printed, `true ENOSPC: inotify_add_watch PATH: ${advice}\n`);
});
