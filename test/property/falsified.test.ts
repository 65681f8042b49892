// That the properties can fail: copies of the package with one defect each, and what is said of them.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { test } from 'node:test';
import { type Patch, patchedPackage } from '../support/patchedPackage.ts';

interface Defect extends Patch {
  readonly what: string;
  /** Which program finds it, and what it prints. */
  readonly found: 'model' | 'reactor';
  readonly says: RegExp;
}

const defects: readonly Defect[] = [
  {
    what: 'the halves of the user data are swapped',
    file: 'sys/abi/epollEventLayout.ts',
    ...(process.arch === 'x64'
      ? { from: 'dataLow: 1, dataHigh: 2', to: 'dataLow: 2, dataHigh: 1' }
      : { from: 'dataLow: 2, dataHigh: 3', to: 'dataLow: 3, dataHigh: 2' }),
    found: 'model',
    says: /epoll_wait answered|the interest list/,
  },
  {
    what: 'the last event of a full buffer is lost',
    file: 'sys/epoll.ts',
    from: /(?<=const count = wait\([^;]*;\s*inUse\.memory = undefined;\s*)return count;/,
    to: 'return count > 1 && count === maxevents ? count - 1 : count;',
    found: 'model',
    says: /epoll_wait answered/,
  },
  {
    what: 'an entry is deleted and added again in place of EPOLL_CTL_MOD',
    file: 'sys/epoll.ts',
    from: 'return ctl(epfd, op, fd, recordMemory.address);',
    to: 'if (op === 3) { ctl(epfd, 2, fd, NULL); op = 1; } return ctl(epfd, op, fd, recordMemory.address);',
    found: 'model',
    says: /epoll_ctl answered 0, the model says ENOENT|epoll_wait answered|EINVAL/,
  },
  {
    what: 'ghosts are taken for live entries',
    file: 'fd/epollEntry.ts',
    from: /return answer !== 0;/,
    to: 'return false;',
    found: 'model',
    says: /the interest list/,
  },
  {
    what: 'no event is found stale, as every entry has the same generation',
    file: 'reactor/interestList.ts',
    from: '(this.#generation + 1) | 0',
    to: '1',
    found: 'reactor',
    says: /an event that this file never had|a one-shot fires twice|a handler is called after close|the mask in force/,
  },
  {
    what: 'a closed registration keeps its row in the table',
    file: 'reactor/registrationTable.ts',
    from: 'this.#slots[row.fd] = undefined;',
    to: '',
    found: 'reactor',
    says: /the registrations, and the waker|a handler is called after close/,
  },
  {
    what: 'the last event of a full batch is lost',
    file: 'reactor/registrationTable.ts',
    from: 'index < count;',
    to: 'index < (count > 1 && count * stride === words.length ? count - 1 : count);',
    found: 'reactor',
    says: /an event is lost|armed|a wake is lost|a wait misses|the mask in force/,
  },
  {
    what: 'a handler that throws ends the batch',
    file: 'reactor/registrationTable.ts',
    from: /errors = \[\];\s*errors\.push\(error\);/,
    to: 'errors = [error]; break;',
    found: 'reactor',
    says: /an event is lost|the mask in force|a wake is lost|a wait misses/,
  },
  {
    what: 'a wait that is given up leaves its entry in force',
    file: 'reactor/arming/onDemand.ts',
    from: 'if (this.#armedFor !== 0) this.#ask();',
    to: '',
    found: 'reactor',
    says: /nobody waits, and the kernel is asked|the mask in force/,
  },
  {
    what: 'rearm() does not ask the kernel',
    file: 'reactor/arming/handled.ts',
    from: 'this.row.host.control(this.row, EPOLL_CTL_MOD, this.row.mask);',
    to: '',
    found: 'reactor',
    says: /an event is lost|the mask in force/,
  },
  {
    what: 'an object that is closed does not leave the reactor',
    file: 'reactor/interestList.ts',
    from: 'if (row?.target === target)',
    to: 'if (false)',
    found: 'reactor',
    says: /registration\?\.closed|falsy|the registrations, and the waker/,
  },
  {
    what: 'a waker hears the first wake only',
    file: 'reactor/reactor.ts',
    from: "{ readable: true, trigger: 'edge' }",
    to: "{ readable: true, trigger: 'oneshot' }",
    found: 'reactor',
    says: /a wake is lost/,
  },
];

for (const { what, found, says, ...patch } of defects) {
  test(`${found}: it is found that ${what}`, { timeout: 120_000 }, async () => {
    using copy = patchedPackage([patch]);
    const { status, output } = await stress(found, copy.root, ['--runs', '3000', '--seed', '1', '--as-found']);
    assert.equal(status, 1, output);
    assert.match(output, says);
  });
}

test('a copy without a defect passes, and a patch that does not fit is refused', async () => {
  using copy = patchedPackage([]);
  for (const name of ['model', 'reactor']) {
    const { status, output } = await stress(name, copy.root, ['--runs', '200', '--seed', '1']);
    assert.equal(status, 0, output);
    assert.match(output, /^passed: 200 /m);
  }
  const patch = { file: 'sys/epoll.ts', from: 'what is not there', to: '' };
  assert.throws(() => patchedPackage([patch]), /must be in it once: it is 0 times/);
});

function stress(
  name: string,
  cwd: string,
  args: readonly string[],
): Promise<{ status: number | null; output: string }> {
  // The test runner's variables would make the child report to it.
  const { NODE_TEST_CONTEXT: _context, NODE_OPTIONS: _options, ...env } = process.env;
  const child = spawn(process.execPath, [`build/test/stress/${name}.js`, ...args], { cwd, env });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  return new Promise((resolve, reject) => {
    child.once('error', reject).once('close', (status) => resolve({ status, output }));
  });
}
