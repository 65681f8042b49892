import { errnosOf, syscallOf } from '../errnos.ts';
import type { Expected, FaultCase } from '../faultCases.ts';

/** A fault of a call that a file of src/net makes. */
export interface NetCase extends FaultCase {
  /** `'listener.ts accept4'`: the file of src/net, or one below it, and the function of sys or node:fs. */
  readonly made: string;
}

/** What is not as by default: each error number is thrown as a SystemError of the function, by the first call. */
interface Differences {
  /** Which call fails: the first by default. */
  readonly when?: string;
  /** These error numbers only. */
  readonly only?: string;
  /** All but these, which strace would make up against what the kernel has done: nothing could be right after that. */
  readonly lies?: string;
  /** Error numbers and what is returned, or thrown, for them. */
  readonly answers?: Readonly<Record<string, string | Expected>>;
  /** What is thrown for all others: the function by default. */
  readonly syscall?: string;
  /** Another fault beside it. */
  readonly with?: string;
  readonly left?: number;
}

// The system calls behind functions of node:fs on x86-64, the name in Node's errors, and error numbers of the man
// pages.
const nodeCalls: Readonly<Record<string, readonly [syscall: string, name: string, errnos: string]>> = {
  chmodSync: ['chmod', 'chmod', 'EACCES EIO ELOOP ENOENT ENOMEM EPERM EROFS'],
  fchmodSync: ['fchmod', 'fchmod', 'EBADF EIO EPERM EROFS'],
  fstatSync: ['statx', 'fstat', 'EBADF ENOMEM'],
  lstatSync: ['statx', 'lstat', 'EACCES ELOOP ENOMEM ENOTDIR'],
  readFileSync: ['openat', 'open', 'EMFILE ENFILE'],
  unlinkSync: ['unlink', 'unlink', 'EACCES EBUSY EIO ENOENT ENOMEM EPERM EROFS'],
};
const noSocket: Expected = { name: 'TypeError', throws: 'undefined', syscall: 'undefined' };
const passing = 'EINTR ECONNABORTED EPERM EPROTO ENETDOWN ENOPROTOOPT EHOSTDOWN ENONET EHOSTUNREACH ENETUNREACH';
const exhausted = 'EMFILE ENFILE ENOBUFS ENOMEM';
const answered = <T extends string | Expected>(codes: string | readonly string[], what: T): Record<string, T> =>
  Object.fromEntries((typeof codes === 'string' ? codes.split(' ') : codes).map((code) => [code, what]));
const inUse: Expected = { throws: 'EADDRINUSE', syscall: 'bind' };

const tcp = [
  ...row('new TcpListener', 'madeSocket.ts socket'),
  ...row('new TcpListener', 'socketOption.ts setsockopt'),
  ...row('new TcpListener', 'listenTcp.ts bind'),
  ...row('new TcpListener', 'listenTcp.ts listen'),
  ...row('new TcpListener', 'madeSocket.ts close', {
    with: 'bind:error=EADDRINUSE:when=1',
    answers: answered(errnosOf('close'), inUse),
    left: 1,
  }),
  // A kernel without IPv6; but a full descriptor table is no such kernel.
  ...row('new TcpListener, any address', 'madeSocket.ts socket', { answers: { EAFNOSUPPORT: 'IPv4' } }),
  ...row('TcpListener.tryAccept', 'listener.ts accept4', {
    answers: { ...answered(passing, 'accepted'), EAGAIN: 'null' },
  }),
  ...row('TcpListener.tryAccept', 'listener.ts accept4', { when: '1..4096', only: 'EPERM' }),
  // The name of the listener can't be told: the error is accept4's all the same.
  ...row('TcpListener.tryAccept', 'listener.ts accept4', { only: 'EMFILE', with: 'getsockname:error=ENOBUFS:when=1' }),
  ...row('TcpListener.accept', 'listener.ts accept4', {
    answers: answered(`${passing} ${exhausted} EAGAIN`, 'accepted'),
  }),
  ...row('TcpListener.accept', 'listener.ts accept4', {
    when: '1..4096',
    only: 'EPERM',
    answers: { EPERM: 'accepted' },
  }),
  ...row('TcpListener.accept', 'socketOption.ts setsockopt', { answers: answered(errnosOf('setsockopt'), 'accepted') }),
  ...row('TcpListener, iterated', 'listener.ts accept4', { only: exhausted, answers: answered(exhausted, 'accepted') }),
  ...row('TcpListener.accept, warned', 'listener.ts accept4', {
    when: '1..3',
    only: exhausted,
    answers: answered(exhausted, 'accepted, 1 warning'),
  }),
  ...row('TcpListener.accept, given up', 'listener.ts accept4', {
    only: 'EMFILE',
    answers: { EMFILE: { name: 'RangeError', throws: 'undefined', syscall: 'undefined' } },
  }),
  ...row('TcpListener.accept, closed', 'listener.ts accept4', {
    only: 'EMFILE',
    answers: { EMFILE: { name: 'ClosedError', throws: 'ERR_EPOLL_CLOSED', syscall: 'undefined' } },
  }),
  ...row('TcpListener.localAddress', 'inetAddress.ts getsockname'),
  ...row('TcpListener.attach', 'socketOption.ts getsockopt', { answers: { ENOTSOCK: noSocket } }),
  ...row('TcpListener.attach', 'socketOption.ts getsockopt', { when: '3' }),
  ...row('TcpListener.attach', 'madeSocket.ts fcntl', { only: 'EBADF EINTR EINVAL' }),
  ...row('TcpListener.from', 'socketOption.ts getsockopt', { answers: { ENOTSOCK: noSocket } }),
  ...row('TcpStream.connect', 'madeSocket.ts socket'),
  ...row('TcpStream.connect', 'socketOption.ts setsockopt'),
  ...row('TcpStream.connect', 'tcpConnect.ts connect', { lies: 'EINPROGRESS', answers: { EINTR: 'connected' } }),
  // The first asks for the protocol, the second for SO_ERROR.
  ...row('TcpStream.connect', 'socketOption.ts getsockopt', { when: '3' }),
  ...row('TcpStream.connect, localAddress', 'tcpConnect.ts bind'),
  // A port for each destination is a saving, and no promise.
  ...row('TcpStream.connect, localAddress', 'tcpConnect.ts setsockopt', {
    answers: answered(errnosOf('setsockopt'), 'connected'),
  }),
  ...row('TcpStream.attach', 'inetAddress.ts getpeername', { answers: { ENOTCONN: 'made' } }),
  ...row('TcpStream.localAddress', 'inetAddress.ts getsockname'),
  ...row('TcpStream.tryRead', 'byteChannel.ts recv', { answers: { EINTR: '3', EAGAIN: 'null' } }),
  ...row('TcpStream.untilReadable', '../fd/pollNow.ts pollOne', { answers: { EINTR: '3' } }),
  ...row('TcpStream.untilWritable', '../fd/pollNow.ts pollOne', { answers: { EINTR: 'sent' } }),
  ...row('TcpStream.read, joining', '../reactor/reactor.ts epoll_ctl', { only: 'ENOMEM ENOSPC' }),
  ...row('TcpStream.read, of an unknown protocol', 'tcpStream.ts getsockopt', {
    answers: answered(errnosOf('getsockopt'), '3'),
  }),
  ...row('TcpStream.close', '../fd/ownedFd.ts close', { answers: { EINTR: 'undefined' } }),
  ...row('TcpStream.tryReadv', 'byteChannel.ts recvmsg', { answers: { EINTR: '3', EAGAIN: 'null' } }),
  ...row('TcpStream.read', 'byteChannel.ts recv', { answers: { EINTR: '3', EAGAIN: '3' } }),
  ...row('TcpStream.tryWrite', 'byteChannel.ts send', { answers: { EINTR: 'sent', EAGAIN: 'null' } }),
  ...row('TcpStream.tryWritev', 'byteChannel.ts sendmsg', { answers: { EINTR: 'sent', EAGAIN: 'null' } }),
  ...row('TcpStream.write', 'byteChannel.ts send', { answers: { EINTR: 'sent', EAGAIN: 'sent' } }),
  ...row('TcpStream.writev', 'byteChannel.ts sendmsg', { answers: { EINTR: 'sent', EAGAIN: 'sent' } }),
  ...row('TcpStream.shutdown', 'byteChannel.ts shutdown'),
  ...row('TcpStream.end', 'byteChannel.ts shutdown', { answers: { ENOTCONN: 'ended' } }),
  ...row('TcpStream.noDelay', 'socketOption.ts getsockopt'),
  ...row('TcpStream.linger', 'socketOption.ts getsockopt'),
  ...row('TcpStream.linger=', 'socketOption.ts setsockopt'),
  ...row('TcpStream.setKeepAlive', 'socketOption.ts setsockopt'),
  ...row('TcpStream.reset', 'socketOption.ts setsockopt'),
  ...row('TcpStream.toDuplex, read', 'byteChannel.ts recv', { answers: { EINTR: 'abc', EAGAIN: 'abc' } }),
  ...row('TcpStream.toDuplex, write', 'byteChannel.ts send', { answers: { EINTR: 'sent', EAGAIN: 'sent' } }),
  ...row('TcpStream.toDuplex, writev', 'byteChannel.ts sendmsg', { answers: { EINTR: 'sent', EAGAIN: 'sent' } }),
  ...row('TcpStream.toDuplex, end', 'byteChannel.ts shutdown', { answers: { ENOTCONN: 'ended' } }),
  ...row('TcpStream.readable', 'byteChannel.ts recv', { answers: { EINTR: 'abc', EAGAIN: 'abc' } }),
  ...row('TcpStream.readable, cancel', 'byteChannel.ts shutdown', { answers: { ENOTCONN: 'undefined' } }),
  ...row('TcpStream.writable', 'byteChannel.ts send', { answers: { EINTR: 'sent', EAGAIN: 'sent' } }),
  ...row('TcpStream.writable, close', 'byteChannel.ts shutdown', { answers: { ENOTCONN: 'ended' } }),
];

const unix = [
  ...row('new UnixListener', 'madeSocket.ts socket'),
  ...row('new UnixListener', 'socketFile.ts bind'),
  ...row('new UnixListener', 'listenUnix.ts listen'),
  ...row('new UnixListener', 'socketFile.ts lstatSync'),
  ...row('new UnixListener, mode', 'socketFile.ts fchmodSync'),
  ...row('new UnixListener, mode', 'socketFile.ts open', { lies: 'EAGAIN' }),
  ...row('new UnixListener, mode', 'socketFile.ts fstatSync', { when: '2' }),
  ...row('new UnixListener, mode', 'socketFile.ts chmodSync'),
  ...row('new UnixListener, mode', 'socketFile.ts close', { answers: answered(errnosOf('close'), 'made'), left: 1 }),
  ...row('new UnixListener, replaceStale', 'staleSocketFile.ts open'),
  // Who has the lock for long is replacing the file.
  ...row('new UnixListener, replaceStale', 'staleSocketFile.ts flock', {
    answers: { EINTR: 'made', EAGAIN: 'made' },
  }),
  ...row('new UnixListener, replaceStale', 'staleSocketFile.ts lstatSync'),
  // What can't be shown to be stale is in use.
  ...row('new UnixListener, replaceStale', 'staleSocketFile.ts connect', {
    lies: 'EINPROGRESS',
    answers: { ...answered(errnosOf('connect'), inUse), ECONNREFUSED: 'made' },
  }),
  ...row('new UnixListener, replaceStale', 'madeSocket.ts socket', { when: '2' }),
  ...row('new UnixListener, replaceStale', 'socketFile.ts bind', { when: '2' }),
  ...row('new UnixListener, replaceStale', 'staleSocketFile.ts close', {
    answers: answered(errnosOf('close'), 'made'),
    left: 1,
  }),
  ...row('new UnixListener, replaceStale', 'staleSocketFile.ts unlinkSync', { lies: 'ENOENT' }),
  ...row('new UnixListener, path in use', 'madeSocket.ts socket', {
    when: '2',
    answers: answered(errnosOf('socket'), inUse),
  }),
  ...row('UnixListener.tryAccept', 'listener.ts accept4', {
    answers: { ...answered(passing, 'accepted'), EAGAIN: 'null' },
  }),
  ...row('UnixListener.accept', 'listener.ts accept4', { only: exhausted, answers: answered(exhausted, 'accepted') }),
  ...row('UnixListener.attach', 'inetAddress.ts getsockname'),
  ...row('UnixListener.localPath', 'inetAddress.ts getsockname'),
  ...row('UnixListener.close', 'socketFile.ts lstatSync'),
  ...row('UnixListener.close', 'staleSocketFile.ts unlinkSync', { answers: { ENOENT: 'undefined' } }),
  ...row('UnixStream.connect', 'madeSocket.ts socket'),
  ...row('UnixStream.connect', 'unixConnect.ts connect', { answers: { EINTR: 'connected', EAGAIN: 'connected' } }),
  ...row('UnixStream.pair', 'unixStream.ts socketpair'),
  ...row('UnixStream.attach', 'inetAddress.ts getpeername', { answers: { ENOTCONN: 'made' } }),
  ...row('UnixStream.attach', 'socketOption.ts getsockopt', { answers: { ENOTSOCK: noSocket } }),
  ...row('UnixStream.peerCredentials', 'peerCredentials.ts getsockopt'),
  ...row('UnixStream.tryRead', 'byteChannel.ts recv', { answers: { EINTR: '3', EAGAIN: 'null' } }),
  ...['1', '2'].flatMap((when) => [
    ...row('UnixStream.tryRead, message', 'unixKind.ts recv', { when, answers: { EINTR: '3', EAGAIN: 'null' } }),
    ...row('UnixStream.read, message', 'unixKind.ts recv', { when, answers: { EINTR: '3', EAGAIN: '3' } }),
  ]),
  ...row('UnixStream.tryReadv, message', 'unixKind.ts recvmsg', { answers: { EINTR: '3', EAGAIN: 'null' } }),
  ...row('UnixStream.tryWrite, message', 'byteChannel.ts send', { answers: { EINTR: 'sent', EAGAIN: 'null' } }),
  ...row('UnixStream.write', 'byteChannel.ts send', { answers: { EINTR: 'sent', EAGAIN: 'sent' } }),
  ...row('UnixStream.trySendFds', 'passedFds.ts sendmsg', { answers: { EINTR: 'sent', EAGAIN: 'null' } }),
  ...row('UnixStream.sendFds', 'passedFds.ts sendmsg', { answers: { EINTR: 'sent', EAGAIN: 'sent' } }),
  // The look that opens the descriptors, and the taking of the bytes.
  ...['1', '2'].flatMap((when) => [
    ...row('UnixStream.tryReceiveFds', 'passedFds.ts recvmsg', {
      when,
      answers: { EINTR: 'received', EAGAIN: 'null' },
    }),
    ...row('UnixStream.receiveFds', 'passedFds.ts recvmsg', {
      when,
      answers: { EINTR: 'received', EAGAIN: 'received' },
    }),
  ]),
  ...row('UnixStream.tryReceiveFds, message', 'unixKind.ts recv', {
    answers: { EINTR: 'received', EAGAIN: 'null' },
    syscall: 'recvmsg',
  }),
  ...row('UnixStream.tryReceiveFds', 'passedFds.ts close', {
    answers: answered(errnosOf('close'), { throws: 'ENOMEM', syscall: 'recvmsg' }),
    with: 'recvmsg:error=ENOMEM:when=2',
    left: 1,
  }),
];

const udp = [
  ...row('new UdpSocket', 'madeSocket.ts socket'),
  ...row('new UdpSocket', 'socketOption.ts setsockopt'),
  ...row('new UdpSocket', 'udpBind.ts bind'),
  ...row('UdpSocket.attach', 'inetAddress.ts getpeername', { answers: { ENOTCONN: 'made' } }),
  ...row('UdpSocket.localAddress', 'inetAddress.ts getsockname'),
  ...row('UdpSocket.connect', 'udpBind.ts connect', { answers: { EINTR: 'connected' } }),
  ...row('UdpSocket.connect', 'inetAddress.ts getpeername', { lies: 'ENOTCONN' }),
  ...row('UdpSocket.disconnect', 'udpBind.ts connect', { answers: { EINTR: 'undefined' } }),
  ...row('UdpSocket.disconnect', 'inetAddress.ts getsockname'),
  ...row('UdpSocket.disconnect', 'udpBind.ts bind'),
  ...row('UdpSocket.trySend', 'datagram.ts sendto', { answers: { EINTR: 'sent', EAGAIN: 'false' } }),
  ...row('UdpSocket.trySend, connected', 'datagram.ts send', { answers: { EINTR: 'sent', EAGAIN: 'false' } }),
  ...row('UdpSocket.send', 'datagram.ts sendto', { answers: { EINTR: 'sent', EAGAIN: 'sent' } }),
  ...row('UdpSocket.tryReceive', 'datagram.ts recvfrom', { answers: { EINTR: '3', EAGAIN: 'null' } }),
  ...row('UdpSocket.receive', 'datagram.ts recvfrom', { answers: { EINTR: '3', EAGAIN: '3' } }),
  ...row('UdpSocket, iterated', 'datagram.ts recvfrom', { answers: { EINTR: '3', EAGAIN: '3' } }),
  ...row('UdpSocket.broadcast', 'socketOption.ts getsockopt'),
  ...row('UdpSocket.broadcast=', 'socketOption.ts setsockopt'),
  ...row('UdpSocket.multicast.loopback', 'socketOption.ts getsockopt'),
  ...row('UdpSocket.multicast.join', 'multicast.ts setsockopt'),
  ...row('UdpSocket.multicast.sendVia', 'multicast.ts setsockopt'),
];

// Without a description of its own, on which it would set O_NONBLOCK, it asks poll(2) first.
const borrowed = 'openat:error=EMFILE:when=1';
const pollErrnos = { lies: 'EFAULT EINVAL', with: borrowed };

const fds = [
  ...row('fdReadable, pipe', 'borrowedReader.ts read', { answers: { EINTR: 'abc', EAGAIN: 'abc' } }),
  ...row('fdReadable, pipe', 'ownDescription.ts open', { answers: answered(errnosOf('openat'), 'abc') }),
  ...row('fdReadable, pipe', 'ownDescription.ts fcntl', { only: 'EBADF EINVAL' }),
  ...row('fdReadable, pipe', 'ownDescription.ts fcntl', { when: '2', only: 'EMFILE EINVAL', with: borrowed }),
  ...row('fdReadable, pipe', 'ownDescription.ts fstatSync', {
    answers: {
      EBADF: { throws: 'EBADF', syscall: 'fstat' },
      ENOMEM: { throws: 'ENOMEM', syscall: 'fstat' },
    },
  }),
  ...row('fdReadable, pipe', '../reactor/reactor.ts epoll_ctl', { only: 'ENOMEM ENOSPC EPERM' }),
  ...row('fdReadable, socket', 'borrowedReader.ts recv', { answers: { EINTR: 'abc', EAGAIN: 'abc' } }),
  ...row('fdReadable, empty message', 'borrowedReader.ts ioctl'),
  ...row('fdReadable, empty pipe', '../fd/pollNow.ts pollOne', { ...pollErrnos, answers: { EINTR: 'abc' } }),
  ...row('fdReadable, FIFO without a writer', '../fd/pollNow.ts pollOne', {
    only: 'EINTR ENOMEM',
    answers: { EINTR: 'abc' },
  }),
  ...row('fdReadable, FIFO without a writer', '../fd/pollNow.ts pollOne', {
    when: '2',
    only: 'EINTR ENOMEM',
    answers: { EINTR: 'abc' },
  }),
  ...row('fdReadable, eventfd', 'borrowedReader.ts read', { answers: { EINTR: '7', EAGAIN: '7' } }),
  ...row('fdReadable, eventfd', '../fd/pollNow.ts pollOne', { answers: { EINTR: '7' } }),
  ...row('fdReadable, autoClose', 'fdStreamOptions.ts close', {
    when: '2',
    only: 'EINTR EIO',
    answers: { EINTR: 'closed' },
    left: 1,
  }),
  ...row('fdReadable, autoClose', '../fd/ownedFd.ts close', {
    only: 'EINTR EIO',
    answers: { EINTR: 'closed' },
    left: 1,
  }),
  ...row('fdWritable, pipe', 'borrowedWriter.ts write', { answers: { EINTR: 'written', EAGAIN: 'written' } }),
  ...row('fdWritable, pipe', 'ownDescription.ts open', {
    only: 'EMFILE ENFILE',
    answers: answered('EMFILE ENFILE', 'written'),
  }),
  ...row('fdWritable, socket', 'borrowedWriter.ts send', { answers: { EINTR: 'written', EAGAIN: 'written' } }),
  ...row('fdWritable, full pipe', '../fd/pollNow.ts pollOne', { ...pollErrnos, answers: { EINTR: 'written' } }),
  ...row('fdWritable, eventfd', 'borrowedWriter.ts write', { answers: { EINTR: 'written', EAGAIN: 'written' } }),
  ...row('fdWritable, eventfd', 'borrowedWriter.ts fcntl', { when: '3', only: 'EBADF EINVAL' }),
];

const servers = [
  ...row('serve', 'listener.ts accept4', {
    answers: answered(`${passing} ${exhausted} EAGAIN`, '1 accepted, 1 finished'),
  }),
  ...row('serve', 'byteChannel.ts recv', {
    answers: {
      ...Object.fromEntries(errnosOf('recvfrom').map((code) => [code, `1 accepted, 1 failed, ${code}`])),
      ...Object.fromEntries(['ECONNRESET', 'ETIMEDOUT'].map((code) => [code, `1 accepted, 1 broken, ${code}`])),
      ...answered('EINTR EAGAIN', '1 accepted, 1 finished'),
    },
  }),
  ...row('serve, deadline', 'socketOption.ts setsockopt', {
    answers: Object.fromEntries(errnosOf('setsockopt').map((code) => [code, `1 accepted, 1 reset, ${code}`])),
  }),
  ...row('serve, file that stays', 'staleSocketFile.ts unlinkSync', { only: 'EACCES EPERM EROFS' }),
  ...row('serve, workers', 'socketIdentity.ts getsockopt', { answers: answered(errnosOf('getsockopt'), 'echo;') }),
  ...row('serve, workers', 'socketIdentity.ts fstatSync', {
    with: 'getsockopt:error=ENOPROTOOPT:when=1',
    answers: answered('EBADF ENOMEM', 'echo;'),
  }),
  ...row('serve, a worker that exits', 'socketIdentity.ts getsockopt', {
    answers: answered(errnosOf('getsockopt'), 'end'),
  }),
  // The third asks what kind of connection the worker has left.
  ...row('serve, a worker that exits', 'socketOption.ts getsockopt', {
    when: '3',
    answers: answered(errnosOf('getsockopt'), 'end'),
  }),
  ...row('serve, in a worker', 'socketOption.ts getsockopt', { answers: answered(errnosOf('getsockopt'), 'end') }),
  ...row('serve, in a worker', 'byteChannel.ts recv', {
    lies: 'EINTR EAGAIN ECONNRESET ETIMEDOUT',
    answers: answered(errnosOf('recvfrom'), 'end'),
  }),
  ...row('serve, in a worker', 'byteChannel.ts send', {
    lies: 'EINTR EAGAIN ECONNRESET EPIPE ETIMEDOUT',
    answers: answered(errnosOf('sendto'), 'end'),
  }),
  ...row('serve, in a worker, in vain', 'byteChannel.ts recv', {
    only: 'EINTR EAGAIN',
    answers: answered('EINTR EAGAIN', 'echo;'),
  }),
  ...row('serve, in a worker, in vain', 'byteChannel.ts send', {
    only: 'EINTR EAGAIN',
    answers: answered('EINTR EAGAIN', 'echo;'),
  }),
  ...row('serve, in a worker that waits', '../reactor/reactor.ts epoll_ctl', {
    only: 'ENOMEM ENOSPC',
    answers: answered('ENOMEM ENOSPC', 'end'),
  }),
  ...row('new StreamSet', 'sharedList.ts epoll_create1'),
  ...row('new StreamSet', 'madeSocket.ts socket'),
  ...row('new StreamSet', 'sharedList.ts epollCtlHalves', { only: 'ENOMEM ENOSPC' }),
  ...row('StreamSet.add', 'sharedList.ts epollCtlHalves', { answers: answered('EEXIST ENOENT', 'added') }),
  ...['StreamSet.from', 'StreamSet.size', 'StreamSet.close'].flatMap((program) =>
    row(program, '../fd/procText.ts readFileSync', {
      answers: { EMFILE: { throws: 'EMFILE', syscall: 'open' }, ENFILE: { throws: 'ENFILE', syscall: 'open' } },
    }),
  ),
  ...row('StreamSet.from', 'socketOption.ts getsockopt', { only: 'EBADF ENOTSOCK', answers: { ENOTSOCK: noSocket } }),
  // What makes a borrowed set doubtful is not taken for it.
  ...row('StreamSet.take, borrowed', 'socketIdentity.ts getsockopt', {
    answers: answered(errnosOf('getsockopt'), { throws: 'EBADF', syscall: 'epoll_wait' }),
  }),
  ...row('StreamSet.stop', 'stopSocket.ts shutdown'),
  ...row('StreamSet.take', '../fd/slicedWait.ts epoll_wait', { answers: { EINTR: 'taken' } }),
  ...row('StreamSet.take', 'socketOption.ts getsockopt', { only: 'EBADF ENOTSOCK' }),
  ...row('StreamSet.giveBack', 'sharedList.ts epollCtlHalves', { lies: 'ENOENT', answers: { EEXIST: 'given back' } }),
  // The first is that of the file in /proc.
  ...row('StreamSet.close, kept open', 'streamSet.ts close', {
    when: '2',
    answers: answered(errnosOf('close'), 'undefined'),
    left: 1,
  }),
  ...row('StreamSet.close, kept open', 'stopSocket.ts close', {
    when: '3',
    answers: answered(errnosOf('close'), 'undefined'),
    left: 1,
  }),
];

/** Every case of `epoll-ts/net`. */
export const netCases: readonly NetCase[] = [...tcp, ...unix, ...udp, ...fds, ...servers];

function row(program: string, made: string, differences: Differences = {}): NetCase[] {
  const name = made.slice(made.indexOf(' ') + 1);
  const [syscall, thrown, listed] = nodeCalls[name] ?? systemCall(name);
  const { when = '1', only = listed, lies = '', answers = {}, left = 0 } = differences;
  const unwanted = new Set(lies.split(' '));
  return only
    .split(' ')
    .filter((code) => !unwanted.has(code))
    .map((code): NetCase => {
      const fault = `${syscall}:error=${code}:when=${when}`;
      const answer = answers[code];
      const refusal: Expected = {
        throws: code,
        syscall: differences.syscall ?? thrown,
        ...(name in nodeCalls ? { name: 'Error' } : {}),
      };
      const expected = typeof answer === 'string' ? { returns: answer } : (answer ?? refusal);
      const injection = differences.with === undefined ? fault : `${fault} + ${differences.with}`;
      return { program, made, injection, expected, left };
    });
}

function systemCall(name: string): readonly [syscall: string, thrown: string, errnos: string] {
  const called = name === 'epollCtlHalves' ? 'epoll_ctl' : name;
  const syscall = syscallOf(called) ?? called;
  return [syscall, name === 'pollOne' ? 'poll' : called, errnosOf(syscall).join(' ')];
}
