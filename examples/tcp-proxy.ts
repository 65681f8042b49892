// A TCP proxy. Each direction runs by itself: the end of one side is passed on as the end of that direction (a
// half-close), a slow reader holds its sender back, and a reset on one side resets the other.
//
//   npm run example tcp-proxy 8080 example.org:80       # then, elsewhere: curl -s -H 'Host: example.org'
//   http://127.0.0.1:8080/ npm run example tcp-proxy 0 127.0.0.1:4747          # any free port; it is printed
import { TcpListener, TcpStream } from 'epoll-ts/net';

const [, , listenPort = '0', target = ''] = process.argv;
const { host, port } = parseTarget(target);
const listener = new TcpListener({ address: '127.0.0.1', port: Number(listenPort) });
console.log(`proxying 127.0.0.1:${listener.localAddress.port} to ${host}:${port}`);

for await (const client of listener) void serve(client);

async function serve(client: TcpStream): Promise<void> {
  let server: TcpStream | undefined;
  try {
    server = await TcpStream.connect({ host, port, timeoutMs: 10_000 });
    await Promise.all([copy(client, server), copy(server, client)]);
    client.close();
    server.close();
  } catch (error) {
    // Whatever failed, the other side must not take what it got for all.
    console.error(String(error));
    client.reset();
    server?.reset();
  }
}

// One buffer per direction, and no read before the last one is written: that is the backpressure.
async function copy(from: TcpStream, to: TcpStream): Promise<void> {
  const buffer = new Uint8Array(65_536);
  for (let count; (count = await from.read(buffer)) > 0;) await to.write(buffer.subarray(0, count));
  await to.end();
}

function parseTarget(text: string): { host: string; port: number } {
  const parts = /^(.+):(\d+)$/.exec(text);
  if (parts?.[1] === undefined) {
    console.error(`Cannot proxy as the second argument must be HOST:PORT: current value is '${text}'`);
    process.exit(2);
  }
  return { host: parts[1], port: Number(parts[2]) };
}
