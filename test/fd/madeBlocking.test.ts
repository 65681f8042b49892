// O_NONBLOCK belongs to the open file: a child that has it as fd 0, 1 or 2, or any process that shares it, can take it
// away.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { expectScript } from '../support/childScript.ts';

const calls: readonly (readonly [call: string, make: string, use: string, answer: string])[] = [
  ['EventFd.read()', 'new EventFd()', 'it.read()', 'null'],
  ['EventFd.read() of a counter', 'new EventFd({ initial: 3n })', 'it.read()', '3'],
  ['EventFd.write()', 'new EventFd({ initial: 2n ** 64n - 2n })', 'it.write()', 'false'],
  ['EventFd.write(5) with room for 4', 'new EventFd({ initial: 2n ** 64n - 6n })', 'it.write(5n)', 'false'],
  ['EventFd.write(4) with room for 4', 'new EventFd({ initial: 2n ** 64n - 6n })', 'it.write(4n)', 'true'],
  ['EventFd.write(0) to a full one', 'new EventFd({ initial: 2n ** 64n - 2n })', 'it.write(0n)', 'true'],
  ['TimerFd.read()', 'new TimerFd()', 'it.read()', 'null'],
  ['SignalFd.read()', "new SignalFd(['SIGHUP'], { directed: 'thread' })", 'it.read()', 'null'],
  ['SignalFd.close()', "new SignalFd(['SIGHUP'], { directed: 'thread' })", 'it.close()', 'undefined'],
  ['Inotify.read()', 'new Inotify()', 'it.read()', 'null'],
  ['PipeReader.read()', 'new Pipe().reader', 'it.read(new Uint8Array(8))', 'null'],
  ['PipeWriter.write()', '(keep = new Pipe()).writer', 'filled(it)', 'false'],
  ['PipeReader.read() of a FIFO', 'new PipeReader(fifo())', 'it.read(new Uint8Array(8))', 'null'],
  ['PipeWriter.write() into a FIFO', 'new PipeWriter(fifo())', 'filled(it)', 'false'],
];

const folder = mkdtempSync(join(tmpdir(), 'epoll-fifo-'));
spawnSync('mkfifo', [join(folder, 'fifo')]);
test.after(() => rmSync(folder, { recursive: true }));

for (const [call, make, use, answer] of calls) {
  test(`${call} does not wait when somebody made the file blocking`, () => {
    const source = `
      import { EventFd, Inotify, Pipe, PipeReader, PipeWriter, SignalFd, TimerFd } from 'epoll-ts';
      import { F_GETFL, F_SETFL, fcntl, O_CLOEXEC, O_NONBLOCK, O_RDWR, open } from 'epoll-ts/sys';
      let keep;
      const fifo = () => open(${JSON.stringify(join(folder, 'fifo'))}, O_RDWR | O_NONBLOCK | O_CLOEXEC);
      const filled = (writer) => {
        let answer;
        do answer = writer.write(new Uint8Array(100_000)); while (answer > 0);
        return answer;
      };
      const it = ${make};
      fcntl(it.fd, F_SETFL, fcntl(it.fd, F_GETFL) & ~O_NONBLOCK);
      console.log(String(${use}));
      process.exit(); // what a pipe's other end is, is left to the system`;
    expectScript(source, [answer]);
  });
}
