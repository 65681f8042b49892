import assert from 'node:assert/strict';
import { test } from 'node:test';
import { detailText } from '#epoll/cli/watch/detailText.js';

const cases: readonly [detail: Parameters<typeof detailText>[0], text: string][] = [
  [{}, ''],
  [{ expirations: 1 }, '1 expiration'],
  [{ expirations: 3 }, '3 expirations'],
  [{ value: 5 }, 'value 5'],
  [{ accepted: ['127.0.0.1:2', '[::1]:3'] }, 'accepted 127.0.0.1:2, [::1]:3'],
  [{ accepted: [], error: 'EMFILE' }, 'accepted nobody error EMFILE'],
  [{ peer: '127.0.0.1:2', echoed: 3 }, '127.0.0.1:2 echoed 3'],
  [{ bytes: 2, text: 'a"' }, '2 bytes "a\\""'],
  [{ bytes: 300, text: 'a' }, '300 bytes "a"…'],
  [{ bytes: 90, text: 'x'.repeat(90) }, `90 bytes "${'x'.repeat(60)}"…`],
  [{ bytes: 2, hex: 'ff00' }, '2 bytes 0xff00'],
  [{ bytes: 200, hex: 'ff'.repeat(200) }, `200 bytes 0x${'ff'.repeat(30)}…`],
  [{ bytes: 1, text: '\x1b' }, '1 byte "\\u001b"'],
  [
    {
      files: [
        { name: 'a', mask: ['IN_CREATE', 'IN_ISDIR'] },
        { name: '', mask: ['IN_DELETE_SELF'] },
      ],
    },
    'a IN_CREATE|IN_ISDIR; IN_DELETE_SELF',
  ],
  [{ files: [{ name: 'a\x1b[31m', mask: ['IN_CREATE'] }] }, 'a\\u001b[31m IN_CREATE'],
  [{ datagrams: [{ from: '127.0.0.1:2', bytes: 1, text: 'x' }] }, 'from 127.0.0.1:2 1 byte "x"'],
  [{ pid: 12, exited: true }, 'pid 12 ended'],
  [{ signal: 'SIGHUP', times: 1, via: 'process.on' }, 'signal SIGHUP (process.on)'],
  [{ signal: 'SIGHUP', times: 2, via: 'process.on' }, 'signal SIGHUP 2 times (process.on)'],
  [{ some: { avg10: 1.5, total: 7 } }, 'some avg10=1.5 total=7'],
];

for (const [detail, text] of cases) {
  test(`detailText() shows ${JSON.stringify(detail).slice(0, 80)} as ${text.slice(0, 40)}`, () => {
    assert.equal(detailText(detail), text);
  });
}
