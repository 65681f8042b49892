import assert from 'node:assert/strict';
import { UdpSocket } from 'epoll-ts/net';
import { inTime } from '../../../support/loopTurns.ts';
import { type Acts, asking, type MakeNetProgram, making, netProgram, type NetRig, untilReadable } from './netRig.ts';

type Receive = (own: UdpSocket, into: Buffer) => Promise<Uint8Array | null>;

/** `UdpSocket`. */
export const udpPrograms: readonly (readonly [name: string, make: MakeNetProgram])[] = [
  [
    'new UdpSocket',
    netProgram((rig) =>
      making(rig, () => new UdpSocket({ address: '127.0.0.1', reuseAddress: true, reactor: rig.reactor })),
    ),
  ],
  ['UdpSocket.attach', netProgram(attaching)],
  ['UdpSocket.localAddress', asking(socket, (own) => own.localAddress.address)],
  ['UdpSocket.connect', netProgram(connecting)],
  ['UdpSocket.disconnect', netProgram(disconnecting)],
  ['UdpSocket.trySend', netProgram((rig) => sending(rig, async (own, data, to) => own.trySend(data, to)))],
  ['UdpSocket.trySend, connected', netProgram((rig) => sending(rig, async (own, data) => own.trySend(data)))],
  ['UdpSocket.send', netProgram((rig) => sending(rig, (own, data, to) => inTime('send', own.send(data, to))))],
  ['UdpSocket.tryReceive', receiving(async (own, into) => cut(into, own.tryReceive(into)?.bytes))],
  [
    'UdpSocket.receive',
    receiving(async (own, into) => cut(into, (await inTime('the datagram', own.receive(into))).bytes)),
  ],
  ['UdpSocket, iterated', receiving((own) => inTime('the datagram', firstOf(own)))],
  ['UdpSocket.broadcast', asking(socket, (own) => own.broadcast)],
  ['UdpSocket.broadcast=', asking(socket, (own) => (own.broadcast = true))],
  ['UdpSocket.multicast.loopback', asking(socket, (own) => own.multicast.loopback)],
  ['UdpSocket.multicast.join', netProgram(joining)],
  ['UdpSocket.multicast.sendVia', asking(socket, (own) => own.multicast.sendVia('127.0.0.1'))],
];

function socket(rig: NetRig): UdpSocket {
  return rig.keep(new UdpSocket({ address: '127.0.0.1', reactor: rig.reactor }));
}

function attaching(rig: NetRig): Acts {
  const fd = new UdpSocket({ address: '127.0.0.1' }).detach();
  return making(rig, () => UdpSocket.attach(fd, { reactor: rig.reactor }));
}

function connecting(rig: NetRig): Acts {
  const [own, peer] = [socket(rig), socket(rig)];
  const act = async (): Promise<string> => {
    await own.connect(peer.localAddress);
    return 'connected';
  };
  const again = async (): Promise<void> => {
    await act();
    assert.deepEqual(own.remoteAddress, peer.localAddress);
  };
  return { act, again };
}

/** It receives from everyone again; where it had lost its port it says so, and has another. */
async function disconnecting(rig: NetRig): Promise<Acts> {
  const own = rig.keep(new UdpSocket({ address: '127.0.0.1', reactor: rig.reactor }));
  await own.connect(socket(rig).localAddress);
  return {
    act: () => own.disconnect(),
    again: async () => {
      own.disconnect();
      assert.equal(own.remoteAddress, null);
      await own.connect(socket(rig).localAddress);
    },
  };
}

/** What was said to be sent arrives, and no more. */
async function sending(
  rig: NetRig,
  send: (own: UdpSocket, data: Buffer, to: UdpSocket['localAddress']) => Promise<unknown>,
): Promise<Acts> {
  const [own, peer] = [socket(rig), socket(rig)];
  await own.connect(peer.localAddress);
  let sent = 0;
  const act = async (): Promise<string> => {
    const answer = await send(own, Buffer.from('abc'), peer.localAddress);
    if (answer !== false) sent++;
    return answer === false ? 'false' : 'sent';
  };
  const again = async (): Promise<void> => {
    await act();
    for (let each = 0; each < sent; each++) {
      untilReadable(peer.fd);
      assert.equal(peer.tryReceive(new Uint8Array(8))?.bytes, 3);
    }
    assert.equal(peer.tryReceive(new Uint8Array(8)), null, 'more came than was sent');
  };
  return { act, again };
}

function cut(into: Buffer, length: number | undefined): Uint8Array | null {
  return length === undefined ? null : into.subarray(0, length);
}

async function firstOf(own: UdpSocket): Promise<Uint8Array> {
  for await (const { data } of own) return data;
  throw new Error('The socket was closed');
}

/** A datagram that is there comes once, whole. */
function receiving(receive: Receive): MakeNetProgram {
  return netProgram((rig) => {
    const [own, peer] = [socket(rig), socket(rig)];
    peer.trySend(Buffer.from('abc'), own.localAddress);
    untilReadable(own.fd);
    let got = '';
    const act = async (): Promise<string> => {
      const data = await receive(own, Buffer.alloc(64));
      got += data === null ? '' : Buffer.from(data).toString();
      return String(data?.length ?? null);
    };
    const again = async (): Promise<void> => {
      if (got === '') await act();
      assert.equal(got, 'abc');
    };
    return { act, again };
  });
}

function joining(rig: NetRig): Acts {
  const own = socket(rig);
  let joined = false;
  const act = (): void => {
    own.multicast.join('239.1.2.3', '127.0.0.1');
    joined = true;
  };
  const again = (): void => {
    if (!joined) act();
    own.multicast.leave('239.1.2.3', '127.0.0.1');
  };
  return { act, again };
}
