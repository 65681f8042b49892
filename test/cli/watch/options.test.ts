import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EPOLLET, EPOLLIN, EPOLLONESHOT, EPOLLRDHUP } from 'epoll-ts/sys';
import { parseOptions } from '#epoll/cli/watch/options.js';

test('parseOptions() has defaults for everything but the sources', () => {
  const { sources, ...rest } = parseOptions(['stdin', 'fd:3']) ?? {};
  assert.deepEqual(
    sources?.map(({ name }) => name),
    ['stdin', 'fd:3'],
  );
  assert.deepEqual(rest, {
    events: null,
    trigger: 0,
    rearm: true,
    forNs: null,
    count: Infinity,
    echo: false,
    json: false,
  });
});

test('parseOptions() reads every option, before and after the sources', () => {
  const args = [
    '--events',
    'IN,RDHUP',
    'stdin',
    '--edge',
    '--oneshot',
    '--no-rearm',
    '--for=5s',
    '--count',
    '3',
    '--echo',
    '--json',
  ];
  const { sources: _, ...rest } = parseOptions(args) ?? {};
  assert.deepEqual(rest, {
    events: EPOLLIN | EPOLLRDHUP,
    trigger: (EPOLLET | EPOLLONESHOT) >>> 0,
    rearm: false,
    forNs: 5_000_000_000n,
    count: 3,
    echo: true,
    json: true,
  });
});

test('parseOptions() takes the trigger from --events too', () => {
  const options = parseOptions(['--events', 'ET,ONESHOT', 'stdin']);
  assert.deepEqual([options?.events, options?.trigger], [null, (EPOLLET | EPOLLONESHOT) >>> 0]);
});

test('parseOptions() answers null for --help, whatever else is there', () => {
  assert.equal(parseOptions(['nonsense', '--help']), null);
  assert.equal(parseOptions(['-h']), null);
});

const wrong: readonly [args: string[], message: RegExp][] = [
  [[], /A source is missing: for example epoll watch stdin timer:1s/],
  [['--json'], /A source is missing/],
  [['--evnts', 'IN', 'stdin'], /'--evnts': did you mean --events\?/],
  [['--frobnicate', 'stdin'], /'--frobnicate': use --events, --edge/],
  [['-x', 'stdin'], /'-x': use --events/],
  [['--edge=1', 'stdin'], /'--edge=1' as it takes no value: use --edge/],
  [['stdin', '--count'], /'--count' as it must have a value: for example --count 10/],
  [['stdin', '--for='], /'--for' as it must have a value: for example --for 5s/],
  [['--count', '0', 'stdin'], /'--count 0' as it must be an integer above 0/],
  [['--count', '1.5', 'stdin'], /'--count 1.5'/],
  [['--count=-1', 'stdin'], /'--count -1'/],
  [['--count', '0x10', 'stdin'], /'--count 0x10'/],
  [['--for', '5', 'stdin'], /'--for 5' as it must be a time above 0.*for example --for 5s/],
  [['--no-rearm', 'stdin'], /use --oneshot --no-rearm/],
  [['--events', 'EXCLUSIVE,RDHUP', 'stdin'], /EPOLLRDHUP: use --events IN,EXCLUSIVE/],
  [['--events', 'IN,EXCLUSIVE', '--oneshot', 'stdin'], /EPOLLONESHOT/],
];

for (const [args, message] of wrong) {
  test(`parseOptions() refuses '${args.join(' ')}' with the nearest valid form`, () => {
    assert.throws(() => parseOptions(args), { name: 'UsageError', message });
  });
}
