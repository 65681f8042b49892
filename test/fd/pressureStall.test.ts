import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmdirSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { MountWatch, PressureStall, type PressureStallOptions, Reactor } from 'epoll-ts';
import { PressureSamples, pressureTotal } from '#epoll/fd/pressureSamples.js';
import { stallCpus } from '../support/cpuStall.ts';
import { ownNamespaces } from '../support/namespaces.ts';
import { nothingLeftOpen, openDescriptors } from '../support/openDescriptors.ts';

const options = { share: 'some', stallMs: 100, windowMs: 2000 } as const;
const noPressure = existsSync('/proc/pressure/cpu') ? false : 'this kernel counts no pressure';

const refused = [
  [
    'disk',
    options,
    TypeError,
    "Cannot watch pressure as 'resource' must be one of 'cpu', 'memory', 'io', 'irq': current value is \"disk\"",
  ],
  [
    'cpu',
    { ...options, share: 'all' },
    TypeError,
    "Cannot watch pressure as 'share' must be one of 'some', 'full': current value is \"all\"",
  ],
  [
    'irq',
    options,
    TypeError,
    "Cannot watch pressure as 'share' must be 'full' for 'irq', which has no other: current value is 'some'",
  ],
  [
    'cpu',
    { ...options, windowMs: 10_001 },
    RangeError,
    "Cannot watch pressure as 'windowMs' must be a number of milliseconds, above 0 and at most 10000: " +
      'current value is 10001',
  ],
  [
    'cpu',
    { ...options, windowMs: 0 },
    RangeError,
    "Cannot watch pressure as 'windowMs' must be a number of milliseconds, above 0 and at most 10000: " +
      'current value is 0',
  ],
  [
    'cpu',
    { ...options, stallMs: 2001 },
    RangeError,
    "Cannot watch pressure as 'stallMs' must be a number of milliseconds, above 0 and at most 2000: " +
      'current value is 2001',
  ],
  [
    'cpu',
    { ...options, stallMs: 0.0001 },
    RangeError,
    "Cannot watch pressure as 'stallMs' must be a number of milliseconds, above 0 and at most 10000: " +
      'current value is 0.0001',
  ],
  [
    'cpu',
    { ...options, stallMs: Number.NaN },
    RangeError,
    "Cannot watch pressure as 'stallMs' must be a number of milliseconds, above 0 and at most 10000: " +
      'current value is NaN',
  ],
  [
    'cpu',
    { ...options, stallMs: '100' },
    TypeError,
    "Cannot watch pressure as 'stallMs' must be a number of milliseconds, above 0 and at most 10000: " +
      'current value is "100"',
  ],
  [
    'cpu',
    { ...options, windowsMs: 1000 },
    TypeError,
    "Cannot watch pressure as 'windowsMs' is unknown: did you mean 'windowMs'?",
  ],
  [
    'cpu',
    100,
    TypeError,
    "Cannot watch pressure as 'options' must be an object such as { share: 'some', stallMs: 150, windowMs: " +
      '2000 }: current value is 100',
  ],
] as const;

for (const [resource, wrong, kind, message] of refused) {
  test(`PressureStall refuses ${resource} with ${JSON.stringify(wrong)}`, () => {
    const make = (): unknown => new PressureStall(resource as 'cpu', wrong as unknown as PressureStallOptions);
    assert.throws(make, { name: kind.name, message });
  });
}

test(
  'a window that needs CAP_SYS_RESOURCE is refused with the rule, and nothing is left open',
  { skip: noPressure },
  (context) => {
    const capabilities = BigInt(`0x${/^CapEff:\s*(\w+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0'}`);
    if (((capabilities >> 24n) & 1n) === 1n) return context.skip('this process has CAP_SYS_RESOURCE');
    const before = openDescriptors();
    assert.throws(() => new PressureStall('cpu', { ...options, windowMs: 1000 }), {
      name: 'SystemError',
      code: 'EINVAL',
      syscall: 'write',
      path: '/proc/pressure/cpu',
      message:
        "EINVAL: write /proc/pressure/cpu: without CAP_SYS_RESOURCE 'windowMs' must be a multiple of 2000: " +
        'current value is 1000',
    });
    nothingLeftOpen(before);
  },
);

test('a path that is no pressure file is refused, and nothing is left open', () => {
  const before = openDescriptors();
  assert.throws(() => new PressureStall('cpu', { ...options, path: '/dev/null' }), {
    name: 'TypeError',
    message: "Cannot use 'path' as it must be a pressure file with a line 'some': current file is '/dev/null'",
  });
  assert.throws(() => new PressureStall('cpu', { ...options, path: '/nowhere' }), { code: 'ENOENT', path: '/nowhere' });
  nothingLeftOpen(before);
});

test('read() says that the cgroup of its file was removed', (context) => {
  using mounts = new MountWatch();
  const hierarchy = mounts.mounts.find(({ type }) => type === 'cgroup2')?.mountPoint ?? '/no cgroup2 is mounted';
  const folder = join(hierarchy, `epoll-ts-${process.pid}`);
  try {
    mkdirSync(folder);
  } catch (error) {
    return context.skip(`no cgroup can be made here: ${(error as Error).message}`);
  }
  const path = join(folder, 'memory.pressure');
  if (!existsSync(path)) {
    rmdirSync(folder);
    return context.skip('its cgroups count no pressure');
  }
  using stall = new PressureStall('memory', { ...options, path });
  assert.equal(stall.path, path);
  assert.equal(stall.read(), null);
  rmdirSync(folder);
  assert.throws(() => stall.read(), { code: 'ENODEV', path, message: /its cgroup was removed/ });
});

test('pressureTotal() reads the count of a share', () => {
  const text = 'some avg10=0.00 avg60=0.00 avg300=0.00 total=17\nfull avg10=1.00 avg60=0.00 avg300=0.00 total=5\n';
  assert.equal(pressureTotal(text, 'some'), 17);
  assert.equal(pressureTotal(text, 'full'), 5);
  assert.equal(pressureTotal(text.slice(text.indexOf('full')), 'some'), null, 'irq has no such line');
});

const looks: readonly (readonly [
  title: string,
  looks: readonly (readonly [atMs: number, totalMs: number, told: unknown])[],
])[] = [
  ['less stall than asked for is false, whatever came before the trigger', [[1000, 99.999, null]]],
  ['the stall that was asked for is true', [[1000, 100, { stallMs: 100, withinMs: 1000 }]]],
  [
    'stall that was reported a window ago is not counted again',
    [
      [2000, 150, { stallMs: 150, withinMs: 2000 }],
      [4000, 200, null],
    ],
  ],
  [
    'a report that comes a little early still belongs to its own window',
    [
      [2000, 150, { stallMs: 150, withinMs: 2000 }],
      [3990, 200, null],
    ],
  ],
  [
    'a look within the window takes nothing from it',
    [
      [1000, 60, null],
      [2000, 120, { stallMs: 120, withinMs: 2000 }],
    ],
  ],
  [
    'stall of longer ago than a window does not count where somebody looked',
    [
      [1000, 60, null],
      [3000, 120, null],
    ],
  ],
];

for (const [title, all] of looks) {
  test(`a pressure report: ${title}`, () => {
    const samples = new PressureSamples(options, { atMs: 0, totalUs: 0 });
    for (const [atMs, totalMs, told] of all) assert.deepEqual(samples.add({ atMs, totalUs: totalMs * 1000 }), told);
  });
}

test(
  'under a real stall PressureStall says null where a plain trigger reports falsely',
  { skip: noPressure },
  async (context) => {
    // More than can have been since the trigger was set when the first report comes, 2 s later: it counts what was
    // before.
    const asked = { share: 'some', stallMs: 5990, windowMs: 6000 } as const;
    const total = (): number => (pressureTotal(readFileSync('/proc/pressure/cpu', 'utf8'), 'some') ?? 0) / 1000;
    const plain = openSync('/proc/pressure/cpu', 'r+');
    writeSync(plain, `some ${asked.stallMs * 1000} ${asked.windowMs * 1000}\0`);
    using stall = new PressureStall('cpu', asked);
    const start = total();
    using reactor = new Reactor();
    await using _load = stallCpus();
    const wait = { signal: AbortSignal.timeout(20_000) };
    const plainTold = reactor.register(plain, { priority: true }).ready(wait);
    const stallTold = reactor.register(stall, { priority: true }).ready(wait);
    try {
      const stalledMs = await plainTold.then(() => total() - start);
      const [report, before] = await stallTold.then(() => [stall.read(), total() - start] as const);
      if (Math.max(stalledMs, before) >= asked.stallMs) return context.skip('the plain trigger told the truth here');
      assert.equal(report, null);
    } catch (error) {
      if (!(error instanceof Error && error.name === 'TimeoutError')) throw error;
      context.skip('this kernel reports nothing false');
    } finally {
      closeSync(plain);
    }
  },
);

test(
  'PressureStall reports stall after stall: attached, awaited, blocking, and in an Epoll',
  { skip: noPressure },
  (context) => {
    const namespaces = ownNamespaces();
    if ('reason' in namespaces) return context.skip(namespaces.reason);
    const child = join(import.meta.dirname, '../support/pressureEdges.js');
    const [program, ...args] = namespaces.through;
    const { status, stdout, stderr } = spawnSync(program, [...args, process.execPath, child], { timeout: 60_000 });
    assert.equal(status, 0, stderr.toString());
    assert.deepEqual(JSON.parse(stdout.toString()), { attached: 3, awaited: 3, blocking: 3, epoll: 3 });
  },
);
