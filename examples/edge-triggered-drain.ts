// Edge-triggered reading: an event says that more has arrived, once. Read until it would block, or what is left waits
// for ever.
//
//   npm run example edge-triggered-drain
import { Pipe, Reactor } from 'epoll-ts';

const total = 1 << 20;
const pipe = new Pipe();
const reactor = new Reactor();
const buffer = new Uint8Array(4096);
let received = 0;
let events = 0;

reactor.register(pipe.reader, { readable: true, trigger: 'edge' }, () => {
  events++;
  for (;;) {
    const count = pipe.reader.read(buffer);
    if (count === null) return; // would block: the next event comes with the next byte
    if (count === 0) break; // the end
    received += count;
  }
  console.log(`received ${received} bytes in ${events} events`);
  pipe.close();
});

let sent = 0;
reactor.register(pipe.writer, { writable: true, trigger: 'edge' }, (_, registration) => {
  while (sent < total) {
    const count = pipe.writer.write(new Uint8Array(Math.min(65_536, total - sent)));
    if (count === false) return; // full: the next event comes when the reader has made room
    sent += count;
  }
  registration.close();
  pipe.writer.close();
});
