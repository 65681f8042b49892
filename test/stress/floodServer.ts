// The server of test/stress/flood.ts, in a process that may open few files. Answers each line of stdin with a line of
// JSON.
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { serve, TcpListener } from 'epoll-ts/net';

const listener = new TcpListener({ address: '127.0.0.1' });
const { port } = listener.localAddress;
let accepted = 0;
const server = serve({
  listener,
  async onConnection(stream) {
    accepted++;
    const into = new Uint8Array(64);
    for (let count; (count = await stream.read(into)) > 0;) await stream.write(into.subarray(0, count));
  },
  onError: (error) => console.error(error),
});
// It says once that it is full: that is no fault, and not printed.
process.removeAllListeners('warning');
process.on('warning', () => {});

for await (const line of createInterface(process.stdin)) {
  const [question, argument = '0'] = line.split(' ');
  if (question === 'port') answer({ port });
  else if (question === 'settle') {
    await setTimeout(200);
    answer({ accepted });
  } else if (question === 'window') answer({ cpu: await cpuOver(Number(argument)) });
  else break;
}
answer({ ...(await server.close()) });
process.stdin.destroy();

/** The share of a core that this process uses. */
async function cpuOver(windowMs: number): Promise<number> {
  const begin = performance.now();
  const before = process.cpuUsage();
  await setTimeout(windowMs);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / (performance.now() - begin);
}

function answer(report: object): void {
  console.log(JSON.stringify(report));
}
