import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { MountWatch } from 'epoll-ts';
import { mountChanges, parseMountInfo } from '#epoll/fd/mountInfo.js';
import { ownNamespaces } from '../support/namespaces.ts';

test('a real mount is told, edge after edge: attached, awaited, blocking, and in an Epoll', (context) => {
  const namespaces = ownNamespaces('--mount');
  if ('reason' in namespaces) return context.skip(namespaces.reason);
  const [program, ...args] = namespaces.through;
  const child = join(import.meta.dirname, '../support/mountEdges.js');
  const { status, stdout, stderr } = spawnSync(program, [...args, process.execPath, child], { timeout: 60_000 });
  assert.equal(status, 0, stderr.toString());
  const nothing = { added: [], removed: [], changed: [] };
  const told = [
    { ...nothing, added: [['/a b\n#', 'tmpfs', 'one']] },
    { ...nothing, changed: [['rw', 'ro']] },
    { ...nothing, added: [['/second', 'tmpfs', 'two']] },
    { ...nothing, removed: ['/a b\n#'] },
    { ...nothing, removed: ['/second'] },
  ];
  assert.deepEqual(JSON.parse(stdout.toString()), {
    attached: told,
    oneshot: told,
    awaited: told,
    blocking: told,
    epoll: told,
  });
});

test('MountWatch knows the mounts from its start, and says null while they stay', () => {
  using watch = new MountWatch();
  assert.deepEqual(watch.mounts, parseMountInfo(readFileSync('/proc/self/mountinfo')));
  assert.equal(watch.read(), null);
});

test('MountWatch takes no argument', () => {
  const make = (): unknown => new (MountWatch as new (path: string) => MountWatch)('/proc/mounts');
  const message = 'Cannot create a MountWatch as it takes no argument: current value is "/proc/mounts"';
  assert.throws(make, { name: 'TypeError', message });
});

const lines = [
  String.raw`36 35 98:0 /mnt1 /mnt\0402 rw,noatime master:1 propagate_from:2 - ext3 /dev/root rw,errors=continue`,
  '41 36 0:38 / /tmp rw - tmpfs tmpfs rw',
  String.raw`42 36 0:39 / /tmp/caf` + 'é' + String.raw`\134\011\012\043 rw - fuse.sshfs host rw`,
];
const [root, tmp, odd] = parseMountInfo(Buffer.from(`${lines.join('\n')}\n`));
assert.ok(root && tmp && odd);

test('parseMountInfo() reads every field, and what the kernel escapes', () => {
  assert.deepEqual(root, {
    id: 36,
    parentId: 35,
    device: '98:0',
    root: '/mnt1',
    mountPoint: '/mnt 2',
    options: 'rw,noatime',
    propagation: 'master:1 propagate_from:2',
    type: 'ext3',
    source: '/dev/root',
    superOptions: 'rw,errors=continue',
  });
  assert.equal(tmp.propagation, '');
  assert.equal(odd.mountPoint, '/tmp/café\\\t\n#');
  assert.equal(odd.type, 'fuse.sshfs');
});

const ro = { ...tmp, options: 'ro' };
const reused = { ...tmp, device: '0:77' };
const differences = [
  ['the same list', [root, tmp], [root, tmp], null],
  ['a new one', [root], [root, tmp], { added: [tmp], removed: [], changed: [] }],
  ['one that is gone', [root, tmp], [root], { added: [], removed: [tmp], changed: [] }],
  ['other options', [root, tmp], [root, ro], { added: [], removed: [], changed: [{ before: tmp, after: ro }] }],
  ['a number given again', [root, tmp], [root, reused], { added: [reused], removed: [tmp], changed: [] }],
] as const;

for (const [title, before, after, expected] of differences) {
  test(`mountChanges(): ${title}`, () => assert.deepEqual(mountChanges(before, after), expected));
}
