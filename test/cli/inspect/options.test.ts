// The command line of epoll inspect.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { help } from '#epoll/cli/inspect/help.js';
import { parseOptions } from '#epoll/cli/inspect/options.js';

test('what is not said has its default', () => {
  assert.deepEqual(parseOptions(['4242', 'nginx']), {
    processes: ['4242', 'nginx'],
    all: false,
    sampleMs: 250,
    watch: false,
    everyMs: 1000,
    forMs: null,
    ready: true,
    exact: false,
    json: false,
  });
});

test('every option is taken', () => {
  const options = parseOptions([
    '--watch',
    '--every',
    '100ms',
    '--for=1.5s',
    '--sample',
    '2s',
    '--no-ready',
    '--exact',
    '--json',
    '--all',
  ]);
  assert.deepEqual(options, {
    processes: [],
    all: true,
    sampleMs: 2000,
    watch: true,
    everyMs: 100,
    forMs: 1500,
    ready: false,
    exact: true,
    json: true,
  });
  assert.equal(parseOptions(['--sample', '0', '1'])?.sampleMs, 0);
  assert.equal(parseOptions(['1', '--help']), null);
});

test('a wrong command line names the nearest valid form', () => {
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [[], /A process is missing: for example epoll inspect 4242, epoll inspect redis-server, or --all$/],
    [[''], /Cannot inspect an empty name/],
    [['0'], /Cannot inspect '0' as a pid must be from 1 to 2147483647/],
    [['99999999999'], /a pid must be from 1 to 2147483647/],
    [['--all', '1'], /Cannot use '--all' with a process/],
    [['--sampel', '2s', '1'], /Unknown option '--sampel': did you mean --sample\?$/],
    [['1', '--sample'], /Cannot use '--sample' as it must have a value: for example --sample 2s$/],
    [
      ['1', '--sample', '2'],
      /Cannot use '--sample 2' as it must be a time from 1ms, in ms, s or m: for example --sample 2s$/,
    ],
    [['1', '--sample', '-1s'], /Cannot use '--sample'|Unknown option|must be a time/],
    [['1', '--sample', '100us'], /must be a time from 1ms/],
    [['1', '--watch', '--for', '90000m'], /must be a time/],
    [['1', '--json=yes'], /Cannot use '--json=yes' as it takes no value: use --json$/],
    [['1', '--every', '1s'], /Cannot use '--every' without --watch$/],
    [['1', '--for', '1s'], /Cannot use '--for' without --watch$/],
  ];
  for (const [args, message] of cases)
    assert.throws(() => parseOptions(args), { name: 'UsageError', message }, args.join(' '));
});

test('the help names every option and every finding', () => {
  for (const option of ['sample', 'watch', 'every', 'for', 'no-ready', 'exact', 'json', 'help']) {
    assert.match(help, new RegExp(`^  --${option} `, 'm'));
  }
  const codes = [
    'oneshot-disarmed',
    'ghost',
    'ghost-reused',
    'spin',
    'out-idle',
    'edge-stall',
    'hup-pending',
    'err-pending',
    'herd',
    'nesting',
    'watches',
    'leaked',
  ];
  for (const code of codes) assert.ok(help.includes(code), code);
});
