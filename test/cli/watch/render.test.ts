import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EPOLLERR, EPOLLIN, EPOLLPRI, EPOLLRDHUP } from 'epoll-ts/sys';
import { humanLine, jsonLine, wantsColour } from '#epoll/cli/watch/render.js';

const time = new Date(2026, 0, 2, 3, 4, 5, 6);
const event = {
  time,
  source: 'tcp:127.0.0.1:1',
  fd: 7,
  mask: EPOLLIN | EPOLLRDHUP,
  detail: { peer: '127.0.0.1:2', bytes: 3, text: 'hi\n', end: true },
};

test('jsonLine() is one object on one line with the six members', () => {
  const line = jsonLine(event);
  assert.ok(!line.includes('\n'));
  assert.deepEqual(JSON.parse(line), {
    time: time.toISOString(),
    source: 'tcp:127.0.0.1:1',
    fd: 7,
    mask: 8193,
    events: ['EPOLLIN', 'EPOLLRDHUP'],
    detail: event.detail,
  });
});

test('humanLine() has the local time, the source, the descriptor, the flags by name and what was read', () => {
  const line = humanLine(event, { colour: false, nameWidth: 18 });
  assert.equal(line, '03:04:05.006  tcp:127.0.0.1:1     fd 7    EPOLLIN|EPOLLRDHUP  127.0.0.1:2 3 bytes "hi\\n" end');
});

test('humanLine() has no blanks at its end', () => {
  assert.match(humanLine({ ...event, detail: {} }, { colour: false, nameWidth: 0 }), /EPOLLRDHUP$/);
});

test('humanLine() does not let a source steer the terminal', () => {
  assert.match(humanLine({ ...event, source: 'path:\x1b[2J' }, { colour: false, nameWidth: 0 }), /path:\\u001b\[2J/);
});

test('humanLine() has the same text with colour, which tells ends and errors apart', () => {
  const look = { colour: true, nameWidth: 18 };
  // eslint-disable-next-line no-control-regex -- takes the colour away
  assert.equal(humanLine(event, look).replaceAll(/\x1b\[\d+m/g, ''), humanLine(event, { ...look, colour: false }));
  const colours = [EPOLLIN, EPOLLIN | EPOLLRDHUP, EPOLLERR, EPOLLPRI | EPOLLERR].map((mask) => {
    // eslint-disable-next-line no-control-regex -- finds the colour
    return /\x1b\[(\d+)mEPOLL/.exec(humanLine({ ...event, mask }, look))?.[1];
  });
  assert.equal(new Set(colours).size, 4);
});

test('wantsColour() asks NO_COLOR and FORCE_COLOR before the terminal', () => {
  const terminal = { isTTY: true };
  assert.equal(wantsColour(terminal, {}), true);
  assert.equal(wantsColour({}, {}), false);
  assert.equal(wantsColour(terminal, { NO_COLOR: '1' }), false);
  assert.equal(wantsColour(terminal, { NO_COLOR: '' }), true);
  assert.equal(wantsColour(terminal, { TERM: 'dumb' }), false);
  assert.equal(wantsColour({}, { FORCE_COLOR: '1' }), true);
  assert.equal(wantsColour(terminal, { FORCE_COLOR: '0' }), false);
  assert.equal(wantsColour(terminal, { FORCE_COLOR: '1', NO_COLOR: '1' }), false);
});
