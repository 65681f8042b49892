import assert from 'node:assert/strict';
import { test } from 'node:test';
import { escapeJson, escapeText } from '#epoll/cli/escape.js';

// ESC, the C1 control sequence introducer, a writing direction override, a line separator, an invisible tag.
const steering = ['\x1b[31m', '\x9b31m', '\u202e', '\u2028', '\u{e0041}'];

test('escapeText() leaves nothing that steers a terminal', () => {
  for (const text of steering) assert.match(escapeText(`a${text}b`), /^a[\x20-\x7e]*b$/, JSON.stringify(text));
});

test('escapeText() can be read back: the short forms of JSON, a backslash doubled', () => {
  assert.equal(escapeText('a\tb\r\n'), 'a\\tb\\r\\n');
  assert.equal(escapeText('\\n'), '\\\\n');
  assert.equal(escapeText('zoë 日本 🙂'), 'zoë 日本 🙂');
});

test('escapeJson() keeps the value and leaves nothing that steers a terminal', () => {
  for (const text of steering) {
    const json = escapeJson(JSON.stringify({ text }));
    assert.match(json, /^[\x20-\x7e]*$/);
    assert.deepEqual(JSON.parse(json), { text });
  }
});
