// Compiled with the tests, never run: every line under a `@ts-expect-error` must fail to compile, every other must
// compile.
import { type ByteStream, type Listener, serve, type TcpListener, type TcpStream } from 'epoll-ts/net';

declare const tcp: TcpListener;
declare const any: Listener<ByteStream>;
declare const module: URL;

export function whatCompiles(): void {
  void serve({ listener: tcp, onConnection: (stream: TcpStream) => void stream.remoteAddress });
  void serve({ listener: tcp, onConnection: async (stream) => stream.end() });
  void serve({ listener: any, onConnection: (stream) => stream.end() });
  void serve({ listener: any, workers: 4, onConnection: module, data: 1 });
}

export function whatDoesNot(): void {
  // @ts-expect-error a function cannot cross threads
  void serve({ listener: tcp, workers: 4, onConnection: async (stream) => stream.end() });
  // @ts-expect-error without workers it must be a function
  void serve({ listener: tcp, onConnection: module });
  // @ts-expect-error not every listener has TCP streams
  void serve({ listener: any, onConnection: (stream: TcpStream) => void stream.noDelay });
}
