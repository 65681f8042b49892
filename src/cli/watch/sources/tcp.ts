import { TcpListener } from '../../../net/index.ts';
import type { Host, Source } from '../host.ts';
import { formatHostPort } from '../hostPort.ts';
import type { TcpSpec } from '../sourceSpec.ts';
import { openListener } from './listener.ts';

/** `tcp:HOST:PORT`: listens, accepts, and reports each connection. */
export async function openTcp(spec: TcpSpec, host: Host): Promise<Source> {
  const { host: name, port } = spec.address;
  const listener = name === null ? new TcpListener({ port }) : await TcpListener.listen({ host: name, port });
  return openListener({
    spec,
    host,
    listener,
    address: () => formatHostPort(listener.localAddress),
    peerOf: ({ remoteAddress }) => (remoteAddress === null ? '' : formatHostPort(remoteAddress)),
  });
}
