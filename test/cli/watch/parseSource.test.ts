import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSource, sourceForms } from '#epoll/cli/watch/parseSource.js';

test('parseSource() reads each kind of source', () => {
  const cases: readonly [string, object][] = [
    ['stdin', { kind: 'stdin' }],
    ['fd:3', { kind: 'fd', fd: 3 }],
    ['timer:100ms', { kind: 'timer', everyNs: 100_000_000n }],
    ['inotify:a:b', { kind: 'inotify', path: 'a:b' }],
    ['pid:1', { kind: 'pid', pid: 1 }],
    ['signal:HUP', { kind: 'signal', signal: 'SIGHUP' }],
    [
      'psi:cpu:some:100ms/1s',
      { kind: 'psi', trigger: { resource: 'cpu', share: 'some', stallMs: 100, windowMs: 1000 } },
    ],
    ['tcp:127.0.0.1:80', { kind: 'tcp', address: { host: '127.0.0.1', port: 80 } }],
    ['tcp:[::1]:80', { kind: 'tcp', address: { host: '::1', port: 80 } }],
    ['tcp::0', { kind: 'tcp', address: { host: null, port: 0 } }],
    ['udp:*:65535', { kind: 'udp', address: { host: null, port: 65_535 } }],
    ['udp:localhost:1', { kind: 'udp', address: { host: 'localhost', port: 1 } }],
    ['unix:/tmp/a:b', { kind: 'unix', path: '/tmp/a:b' }],
    [`unix:@${'x'.repeat(107)}`, { kind: 'unix', path: `\0${'x'.repeat(107)}` }],
    ['unix:@name', { kind: 'unix', path: '\0name' }],
    ['path:/dev/x', { kind: 'path', path: '/dev/x' }],
  ];
  for (const [name, spec] of cases) assert.deepEqual(parseSource(name), { name, ...spec });
});

test('parseSource() keeps the name as it was typed', () => {
  assert.equal(parseSource('signal:sighup').name, 'signal:sighup');
});

test('parseSource() takes every form that its messages propose', () => {
  for (const form of Object.values(sourceForms)) assert.equal(parseSource(form).name, form);
});

const proposals: readonly [typed: string, proposal: string][] = [
  ['timr:1s', 'timer:1s'],
  ['timer:abc', 'timer:100ms'],
  ['timer', 'timer:100ms'],
  ['timer:0s', 'timer:100ms'],
  ['timer:100', 'timer:100ms'],
  ['timer:250 US', 'timer:250us'],
  ['timer:.5s', 'timer:0.5s'],
  ['100ms', 'timer:100ms'],
  ['timr:abc', 'timer:100ms'],
  ['fd:x', 'fd:3'],
  ['fd:-1', 'fd:3'],
  ['fd:2147483648', 'fd:3'],
  ['pid:0', 'pid:1234'],
  ['5', 'fd:5'],
  ['HUP', 'signal:HUP'],
  ['signal:HPU', 'signal:HUP'],
  ['signal:KILL', 'signal:TERM'],
  ['signal:99', 'signal:HUP'],
  ['psi:cpu', 'psi:cpu:some:100ms/2s'],
  ['psi:cpu:some:100ms/100ms', 'psi:cpu:some:100ms/2s'],
  ['psi:mem', 'psi:memory:some:100ms/2s'],
  ['psi:oi:ful:50ms/2s', 'psi:io:full:50ms/2s'],
  ['psi:disk:some:100ms/1s', 'psi:cpu:some:100ms/1s'],
  ['tcp:4747', 'tcp:127.0.0.1:4747'],
  ['tcp:host:70000', 'tcp:127.0.0.1:4747'],
  ['tcp:::1:80', 'tcp:[::1]:80'],
  ['127.0.0.1:80', 'tcp:127.0.0.1:80'],
  ['/dev/kmsg', 'path:/dev/kmsg'],
  ['-', 'stdin'],
  ['stdin:1', 'stdin'],
  ['unix:', 'unix:/tmp/epoll.sock'],
  [`unix:/tmp/${'x'.repeat(103)}`, 'unix:/tmp/epoll.sock'],
  [`unix:@${'x'.repeat(108)}`, 'unix:/tmp/epoll.sock'],
  ['foo:bar', 'stdin, fd, timer'],
];

for (const [typed, proposal] of proposals) {
  test(`parseSource() refuses '${typed}' and proposes ${proposal}`, () => {
    assert.throws(
      () => parseSource(typed),
      (error: Error) =>
        error.name === 'UsageError' && error.message.includes(`'${typed}'`) && error.message.includes(proposal),
    );
  });
}
