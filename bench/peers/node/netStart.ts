// node:net: the CPU time of this process until its first connection is accepted.
import { type AddressInfo, connect, createServer } from 'node:net';

const server = createServer(() => {
  const { user: userUs, system: systemUs } = process.cpuUsage();
  console.log(JSON.stringify({ userUs, systemUs }));
  process.exit();
});
server.listen(0, '127.0.0.1', () => connect((server.address() as AddressInfo).port, '127.0.0.1'));
