// Accepts connections and closes them. Arguments: AT_ONCE [the words that pin the client].
import { TcpListener } from 'epoll-ts/net';
import { countSlices } from '../suite/countSlices.ts';
import { loadClient } from '../suite/loadClient.ts';

const [atOnce = '', pin = ''] = process.argv.slice(2);
const listener = new TcpListener({ address: '127.0.0.1', backlog: 1024 });
const accepted = countSlices(loadClient('acceptClient', [listener.localAddress.port, atOnce], pin));
for (;;) {
  (await listener.accept()).close();
  accepted(1);
}
