import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  eventWords,
  int32,
  inotifyMaskWords,
  parseDurationNs,
  parseEvents,
  parseFlags,
  parseInotifyMask,
  parseInteger,
} from './vocabulary.ts';

test('parseInteger() reads every base and sign, and nothing else', () => {
  assert.equal(parseInteger('18446744073709551615'), 2n ** 64n - 1n);
  assert.equal(parseInteger('-1'), -1n);
  assert.equal(parseInteger('0xff'), 255n);
  assert.equal(parseInteger('0b101'), 5n);
  for (const text of ['', 'x', '1.5', '0x', '1e3', '--1']) assert.throws(() => parseInteger(text), SyntaxError, text);
});

test('int32() wraps as C does', () => {
  assert.equal(int32('2147483648'), -2147483648);
  assert.equal(int32('4294967295'), -1);
});

test('parseEvents() gives an unsigned mask, and eventWords() its words', () => {
  assert.equal(parseEvents('IN|ET'), 0x80000001);
  assert.equal(parseEvents('none'), 0);
  assert.equal(parseEvents('IN|0x0f000000'), 0x0f000001);
  assert.equal(eventWords(0x80000011), 'IN|HUP|ET');
  assert.equal(eventWords(0), '0');
  assert.throws(() => parseEvents('IN|FLY'), SyntaxError);
});

test('parseFlags() gives a C int', () => {
  assert.equal(parseFlags('CLOEXEC|NONBLOCK'), 0o2004000);
  assert.equal(parseFlags('-1'), -1);
  assert.equal(parseFlags('524289'), 524289);
});

test('inotify masks are read and written by name', () => {
  assert.equal(parseInotifyMask('ALL_EVENTS|ONESHOT'), 0x80000fff);
  assert.equal(inotifyMaskWords(0x40000100), 'CREATE|ISDIR');
});

test('parseDurationNs() knows its units, and reads a bare number as milliseconds', () => {
  assert.equal(parseDurationNs('100us'), 100_000);
  assert.equal(parseDurationNs('1.5ms'), 1_500_000);
  assert.equal(parseDurationNs('-1s'), -1e9);
  assert.equal(parseDurationNs('1ns'), 1);
  assert.equal(parseDurationNs('20'), 20_000_000);
  assert.throws(() => parseDurationNs('5min'), SyntaxError);
});
