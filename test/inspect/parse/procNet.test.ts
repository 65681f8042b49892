// The tables of /proc/PID/net, and the answer of NETLINK_SOCK_DIAG.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseProcNetInet } from '#epoll/inspect/parse/procNetInet.js';
import { parseProcNetNetlink, parseProcNetPacket } from '#epoll/inspect/parse/procNetNetlink.js';
import { parseProcNetUnix } from '#epoll/inspect/parse/procNetUnix.js';
import { decodeTcpCounters, tcpInfoSize } from '#epoll/sys/abi/tcpInfo.js';
import { decodeUnixDiagAnswer, encodeUnixDiagRequest } from '#epoll/sys/abi/unixDiag.js';

const tcp = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode                                                     
   0: 00000000:07E8 00000000:0000 0A 00000000:00000003 00:00000000 00000000     0        0 1604 1 00000000ab443a22 100 0 0 10 0                      
   2: 020200C0:D472 507100CB:0050 06 00000000:00000000 03:000015A0 00000000     0        0 0 3 000000007edc10fc                                      
   5: 0100007F:81C1 0100007F:9D3E 01 0000000A:00000014 00:00000000 00000000     0        0 29194 1 00000000a76bcb2e 20 0 0 10 -1                     
`;

test('TCP over IPv4: addresses, state and queues; what has no inode is left out', () => {
  assert.deepEqual(parseProcNetInet(tcp), [
    {
      inode: '1604',
      local: { address: '0.0.0.0', port: 2024 },
      remote: { address: '0.0.0.0', port: 0 },
      state: 10,
      txQueue: 0,
      rxQueue: 3,
    },
    {
      inode: '29194',
      local: { address: '127.0.0.1', port: 33217 },
      remote: { address: '127.0.0.1', port: 40254 },
      state: 1,
      txQueue: 10,
      rxQueue: 20,
    },
  ]);
});

test('TCP over IPv6: the short form of RFC 5952, and IPv4 peers as people write them', () => {
  const line = (hex: string): string =>
    `   0: ${hex}:E5C7 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0 ` +
    '       0 29192 1 000000006c2512ae 100 0 0 10 0';
  const address = (hex: string): string | undefined => parseProcNetInet(line(hex))[0]?.local.address;
  assert.equal(address('00000000000000000000000001000000'), '::1');
  assert.equal(address('00000000000000000000000000000000'), '::');
  assert.equal(address('0000000000000000FFFF00000100007F'), '::ffff:127.0.0.1');
  assert.equal(address('B80D01200000000000000000010000FE'), '2001:db8::fe00:1');
  assert.equal(address('B80D0120000001000000000001000000'), '2001:db8:1::1');
  assert.equal(address('00000120010000000000000001000000'), '2001:0:0:1::1', 'the longest run of zeros, not the first');
  assert.equal(address('000080FE00000000FF005450B6AD1DFE'), 'fe80::5054:ff:fe1d:adb6');
  assert.equal(address('B80D0120010002000300040005000600'), '2001:db8:2:1:4:3:6:5');
  assert.equal(address('B80D0120000000000000000000000000'), '2001:db8::');
});

test('UDP and raw sockets have the same columns, with more behind them', () => {
  const udp = `   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops            
 5120: 0100007F:86A2 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 29190 2 00000000838f0af1 0         
`;
  const [row] = parseProcNetInet(udp);
  assert.deepEqual([row?.inode, row?.local, row?.state], ['29190', { address: '127.0.0.1', port: 34466 }, 7]);
});

test('unix sockets: type, state, and names with whatever is in them', () => {
  const text = `Num       RefCount Protocol Flags    Type St Inode Path
0000000037cf5214: 00000003 00000000 00000000 0001 03 29196
000000008f3c6847: 00000003 00000000 00000000 0001 03  1601
000000002b75224b: 00000002 00000000 00010000 0001 01 29195 @abst15466
000000003f09677d: 00000002 00000000 00000000 0002 01  1500 /run/my socket
ffff88003f09677d: 00000002 00000000 00010000 0005 01 1501 /run/udev/control
000000003f09677e: 00000002 00000000 00000000 0001 02     0 @pending
`;
  assert.deepEqual(parseProcNetUnix(text), [
    { inode: '29196', type: 'stream', state: 'ESTABLISHED', name: null },
    { inode: '1601', type: 'stream', state: 'ESTABLISHED', name: null },
    { inode: '29195', type: 'stream', state: 'LISTEN', name: '@abst15466' },
    { inode: '1500', type: 'dgram', state: 'UNCONNECTED', name: '/run/my socket' },
    { inode: '1501', type: 'seqpacket', state: 'LISTEN', name: '/run/udev/control' },
    { inode: '0', type: 'stream', state: 'CONNECTING', name: '@pending' },
  ]);
});

test('netlink and packet sockets', () => {
  const netlink = `sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops    Inode
00000000a839710a 0   15466      00000000 0        0        0     2        0        29201   
000000007ad3fb64 15  0          00000000 0        0        0     2        0        1514    
000000007ad3fb65 33  0          00000000 0        0        0     2        0        1515    
`;
  assert.deepEqual(
    [...parseProcNetNetlink(netlink)],
    [
      ['29201', 'route'],
      ['1514', 'kobject_uevent'],
      ['1515', 'family 33'],
    ],
  );
  const packet = `sk               RefCnt Type Proto  Iface R Rmem   User   Inode
00000000f2f67d5f 2      3    0000   0     0 0      0      29200 
`;
  assert.deepEqual([...parseProcNetPacket(packet)], ['29200']);
});

test('an empty table, or none, has no rows', () => {
  for (const text of ['', '  sl  local_address rem_address   st\n', 'garbage\n0: 1 2 3']) {
    assert.deepEqual(parseProcNetInet(text), []);
    assert.deepEqual(parseProcNetUnix(text), []);
    assert.equal(parseProcNetNetlink(text).size, 0);
    assert.equal(parseProcNetPacket(text).size, 0);
  }
});

test('a name with a line break forges no row: an inode that has two is left out', () => {
  const text = `Num       RefCount Protocol Flags    Type St Inode Path
000000008f3c6847: 00000003 00000000 00000000 0001 03  1601
000000002b75224b: 00000002 00000000 00010000 0001 01 29195 @x
0000000000000000: 00000002 00000000 00010000 0001 01 1601 /run/docker.sock
`;
  assert.deepEqual(
    parseProcNetUnix(text).map(({ inode }) => inode),
    ['29195'],
  );
});

test('the answer about unix sockets: type, state, name and the inode of the other end, and its own end', () => {
  assert.equal(encodeUnixDiagRequest().byteLength, 40);
  const message = (inode: number, name: string, peer: number | null): Uint8Array => {
    const view = new DataView(new ArrayBuffer(peer === null ? 32 : 48));
    view.setUint32(0, view.byteLength, true);
    view.setUint16(4, 20, true);
    view.setUint8(17, 5);
    view.setUint8(18, 10);
    view.setUint32(20, inode, true);
    if (peer !== null) {
      view.setUint16(32, 7, true); // an attribute of 7 bytes, which is padded to 8
      view.setUint16(34, 0, true);
      new Uint8Array(view.buffer).set(Buffer.from(name), 36);
      view.setUint16(40, 8, true);
      view.setUint16(42, 2, true);
      view.setUint32(44, peer, true);
    }
    return new Uint8Array(view.buffer);
  };
  const done = new Uint8Array(20);
  new DataView(done.buffer).setUint32(0, 20, true);
  new DataView(done.buffer).setUint16(4, 3, true);
  const bytes = Buffer.concat([message(10, '/ab', 11), message(12, '', null), done]);
  const first = { inode: 10, type: 5, state: 10, name: new Uint8Array(Buffer.from('/ab')), peer: 11 };
  const second = { inode: 12, type: 5, state: 10, name: null, peer: null };
  assert.deepEqual(decodeUnixDiagAnswer(bytes), { sockets: [first, second], done: true, error: 0 });
  assert.deepEqual(decodeUnixDiagAnswer(bytes.subarray(0, 50)), { sockets: [first], done: false, error: 0 });

  const refused = new Uint8Array(36);
  new DataView(refused.buffer).setUint32(0, 36, true);
  new DataView(refused.buffer).setUint16(4, 2, true);
  new DataView(refused.buffer).setInt32(16, -2, true);
  assert.deepEqual(decodeUnixDiagAnswer(refused), { sockets: [], done: true, error: -2 });
  for (let length = 0; length < bytes.byteLength; length++) decodeUnixDiagAnswer(bytes.subarray(0, length));
});

test('TCP_INFO: the counters, or none from a kernel whose struct is shorter', () => {
  const bytes = new Uint8Array(tcpInfoSize);
  new DataView(bytes.buffer).setBigUint64(120, 7n, true);
  new DataView(bytes.buffer).setBigUint64(128, 2n ** 40n, true);
  assert.deepEqual(decodeTcpCounters(bytes), { acknowledged: 7, received: 2 ** 40 });
  assert.equal(decodeTcpCounters(bytes.subarray(0, 104)), null);
});
