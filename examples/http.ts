// A node:http server on our sockets: the listener is epoll's, each connection becomes a Duplex, and node:http does the
// rest, with all of its limits and timeouts.
//
//   npm run example http 8080              # then, elsewhere: curl -s http://127.0.0.1:8080/
//   npm run example http                   # any free port; it is printed
import { createServer } from 'node:http';
import { attachHttp, TcpListener } from 'epoll-ts/net';

const server = createServer((request, response) => {
  response.end(`${request.method} ${request.url} from ${request.socket.remoteAddress}\n`);
});
const listener = new TcpListener({ address: '127.0.0.1', port: Number(process.argv[2] ?? 0) });
console.log(`serving on http://127.0.0.1:${listener.localAddress.port}/`);

attachHttp(server, listener);
