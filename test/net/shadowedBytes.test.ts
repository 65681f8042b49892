import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runScript } from '../support/childScript.ts';

// More than a socket's buffer has room for, so that what is left is written again; in a child, as a loop without end is
// what it was.
const preamble = `
  import { once } from 'node:events';
  import { fdWritable, UnixStream } from 'epoll-ts/net';
  const size = 3_000_000;
  class Tricky extends Buffer {
    get byteLength() { return 5; }
    get length() { return 7; }
    get buffer() { return new ArrayBuffer(1); }
    subarray() { return this; }
    slice() { return this; }
  }
  const data = () => Object.setPrototypeOf(Buffer.alloc(size, 'x'), Tricky.prototype);
  const [one, other] = UnixStream.pair();
  const count = async (stream) => {
    const into = new Uint8Array(65_536);
    let all = 0;
    for (let bytes; (bytes = await stream.read(into)) > 0; ) all += bytes;
    return all;
  };`;

const writers: Readonly<Record<string, string>> = {
  'write()': 'await one.write(data()); one.close();',
  'writev()': 'await one.writev([Buffer.alloc(0), data()]); one.close();',
  'sendFds()': 'await one.sendFds(data(), [other]); one.close();',
  'a Duplex': 'const duplex = one.toDuplex(); duplex.end(data()); await once(duplex, "finish"); duplex.destroy();',
  'a WritableStream':
    'const writer = one.writable.getWriter(); await writer.write(data()); await writer.close(); one.close();',
  'fdWritable()':
    'const stream = fdWritable(one, { autoClose: true }); stream.end(data()); await once(stream, "close");',
};

for (const [name, write] of Object.entries(writers)) {
  test(`${name} writes the bytes that there are, whatever their class says of its length and its parts`, () => {
    const { lines } = runScript(`${preamble}
      const [received] = await Promise.all([count(other), (async () => { ${write} })()]);
      console.log(received);
      other.close();`);
    assert.deepEqual(lines, ['3000000']);
  });
}
