// A blocking reactor allocates nothing for an event: ten million of them leave the young generation as it was.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runScript } from '../support/childScript.ts';

interface Load {
  readonly ready?: number;
  readonly trigger?: 'level' | 'oneshot';
}

/** How many scavenges V8 counts while a handler is called so many times, `ready` events a turn. */
function scavenges(body: string, events: number, { ready = 64, trigger = 'level' }: Load = {}): number {
  const source = `
    import { EventFd, Reactor } from 'epoll-ts';
    const reactor = new Reactor();
    let count = 0, end = 0, kept;
    const handler = (readiness, registration) => { ${body}; if (++count === end) reactor.stop(); };
    for (let index = 0; index < ${ready}; index++) {
      reactor.register(new EventFd({ initial: 1n }), { readable: true, trigger: '${trigger}' }, handler);
    }
    // The spin watch has its say about each of the 64, and the compiler is done, before anything counts.
    end = ${Math.max(ready * 62_500, 1_000_000)};
    reactor.run();
    gc();
    end += ${events};
    reactor.run();
    gc();
    process.exit();`;
  // A young generation of 16 MiB: what is allocated a few times a second does not fill it, the smallest object per
  // event does seven times over.
  // Single-threaded: on a busy machine the thread that compiles comes late, and slower code allocates.
  const flags = ['--single-threaded', '--trace-gc', '--expose-gc', '--no-warnings', '--min-semi-space-size=16'];
  const { status, lines, stderr } = runScript(source, { flags });
  assert.equal(status, 0, stderr);
  // The two collections that the script asked for are the marks; V8 prints them and the scavenges into one stream.
  const marks = lines.flatMap((line, index) => (/Mark-Compact.*testing/.test(line) ? [index] : []));
  assert.equal(marks.length, 2, lines.join('\n'));
  return lines.slice(marks[0], marks[1]).filter((line) => line.includes('Scavenge')).length;
}

/**
 * The least of three runs, or 0 at once: what is allocated for an event is so in each, and what the machine's load does
 * is not.
 */
function leastScavenges(body: string, events: number, load?: Load): number {
  let least = Infinity;
  for (let run = 0; run < 3 && least > 0; run++) least = Math.min(least, scavenges(body, events, load));
  return least;
}

test('ten million events through a blocking reactor need no scavenge', () => {
  assert.equal(leastScavenges('', 10_000_000), 0);
});

// One event a turn: what a turn or an epoll_ctl allocates counts per event. 16 bytes of a clock's answer did fill it
// twice over.
test('three million one-shot events, each armed again, need no scavenge', () => {
  assert.equal(leastScavenges('registration.rearm()', 3_000_000, { ready: 1, trigger: 'oneshot' }), 0);
});

test('a handler that keeps one small object per event is seen', () => {
  const count = leastScavenges('kept = { readiness }', 4_000_000);
  assert.ok(count > 1, `${count} scavenges`);
});
