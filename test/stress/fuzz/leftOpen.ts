import {
  getpeername,
  getsockname,
  getsockopt,
  SO_ACCEPTCONN,
  SO_DOMAIN,
  SO_TYPE,
  SockaddrBuffer,
  SOL_SOCKET,
} from 'epoll-ts/sys';

/** A line of `openDescriptors()`, with what a socket tells of itself: so that it can be seen whose it was. */
export function leftOpen(line: string): string {
  const fd = Number(line.slice(0, line.indexOf(' ')));
  if (!line.includes(' socket:')) return line;
  const option = (name: number): number => {
    const value = new Int32Array(1);
    const answer = getsockopt(fd, SOL_SOCKET, name, new Uint8Array(value.buffer));
    return answer < 0 ? answer : (value[0] ?? 0);
  };
  const [domain, type, listening] = [SO_DOMAIN, SO_TYPE, SO_ACCEPTCONN].map(option);
  const name = (ask: typeof getsockname): string => {
    const into = new SockaddrBuffer();
    const answer = ask(fd, into);
    return answer < 0 ? String(answer) : JSON.stringify(into.decode());
  };
  return (
    `${line} (domain ${domain}, type ${type}, listening ${listening}, ` +
    `${name(getsockname)} to ${name(getpeername)})`
  );
}
