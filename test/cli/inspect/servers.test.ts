// Servers that nobody here wrote: every entry agrees with /proc/PID/fdinfo and with ss, and nothing is found wrong.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { formatEvents } from 'epoll-ts/sys';
import { missingProgram, Program } from '../../inspect/program.ts';
import { heldPort } from '../../support/heldPort.ts';
import { inspectJson, type JsonProcess, patientSample } from './runInspect.ts';

interface Server {
  readonly program: string;
  readonly missing: string | false;
  start(port: number, folder: string): Promise<Program>;
  /** The processes that serve, by the one that was started. */
  serving(pid: number): readonly number[];
  readonly workers?: number;
}

const itself = (pid: number): readonly number[] => [pid];

const children = (pid: number): readonly number[] => {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .trim()
    .split(' ')
    .filter((text) => text !== '')
    .map(Number);
};

const servers: readonly Server[] = [
  {
    program: 'redis-server',
    missing: missingProgram('redis-server', '--version'),
    start: (port, folder) =>
      Program.start(['redis-server', '--bind', '127.0.0.1', '--port', String(port), '--save', '', '--dir', folder], {
        says: /Ready to accept/,
      }),
    serving: itself,
  },
  {
    program: 'nginx with 2 workers',
    missing: missingProgram('nginx', '-v'),
    start: startNginx,
    serving: children,
    workers: 2,
  },
  {
    program: 'python3 with asyncio',
    missing: missingProgram('python3', '--version'),
    start: (port) =>
      Program.python(`
import asyncio
async def serve(reader, writer):
    while line := await reader.readline():
        writer.write(line)
async def main():
    server = await asyncio.start_server(serve, '127.0.0.1', ${port})
    print('ready')
    await server.serve_forever()
asyncio.run(main())`),
    serving: itself,
  },
  {
    program: 'node with an HTTP server',
    missing: false,
    start: (port) =>
      Program.node(`
import { createServer } from 'node:http';
createServer((request, response) => response.end('x')).listen(${port}, '127.0.0.1', () => console.log('ready'));`),
    serving: itself,
  },
];

async function startNginx(port: number, folder: string): Promise<Program> {
  const config = join(folder, 'nginx.conf');
  writeFileSync(
    config,
    `worker_processes 2; daemon off; pid ${folder}/pid; error_log stderr notice;
events { worker_connections 64; }
http { access_log off; client_body_temp_path ${folder}/b; proxy_temp_path ${folder}/p; fastcgi_temp_path ${folder}/f;
uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s; server { listen 127.0.0.1:${port}; root ${folder}; } }`,
  );
  const nginx = await Program.start(['nginx', '-c', config], {
    says: /start worker process \d+[^]*start worker process \d+/,
  });
  // A worker has its interest list some time after it was started.
  await nginx.until('both workers watch the listener', () => {
    const workers = children(nginx.pid);
    return workers.length === 2 && workers.every((pid) => fdinfoRows(pid).length >= 3);
  });
  return nginx;
}

async function idleClients(t: TestContext, port: number, count: number): Promise<readonly Socket[]> {
  return Promise.all(
    Array.from({ length: count }, async () => {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => {});
      t.after(() => socket.destroy());
      await new Promise((resolve, reject) => {
        socket.once('connect', resolve);
        socket.once('error', reject);
      });
      return socket;
    }),
  );
}

/** `fd events data ino` of every tfd line, read here a second time without the code under test. */
function fdinfoRows(pid: number): string[] {
  return readdirSync(`/proc/${pid}/fd`)
    .filter((fd) => {
      try {
        return readlinkSync(`/proc/${pid}/fd/${fd}`) === 'anon_inode:[eventpoll]';
      } catch {
        return false;
      }
    })
    .flatMap((epfd) =>
      readFileSync(`/proc/${pid}/fdinfo/${epfd}`, 'utf8')
        .split('\n')
        .filter((line) => line.startsWith('tfd:'))
        .map((line) => {
          const [, fd = '', , events = '', , data = '', , ino = ''] = line.split(/[\s:]+(?=\S)/);
          return { fd, events, data, ino };
        })
        .map(({ fd, events, data }) => `${epfd} ${fd} ${events} ${data}`),
    )
    .sort();
}

/** How many connections to the port are in interest lists of a process. */
function watchedConnections(pid: number, port: number): number {
  const local = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const established = readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, at, , state]) => at?.endsWith(local) === true && state === '01')
    .map((fields) => `socket:[${fields[9]}]`);
  return fdinfoRows(pid).filter((row) => {
    try {
      return established.includes(readlinkSync(`/proc/${pid}/fd/${row.split(' ')[1]}`));
    } catch {
      return false; // closed since it was listed
    }
  }).length;
}

function shownRows({ instances }: JsonProcess): string[] {
  return instances
    .flatMap(({ fd: epfd, entries }) =>
      entries.map(({ fd, events, data }) => `${epfd} ${fd} ${events.toString(16)} ${BigInt(data).toString(16)}`),
    )
    .sort();
}

/** What `ss` says of the TCP sockets of a process: fd → `state local peer ino`. */
function ssRows(pid: number): Map<number, string> {
  const { stdout } = spawnSync('ss', ['-H', '-tanpe'], { encoding: 'utf8' });
  return new Map(
    stdout.split('\n').flatMap((line) => {
      const [state = '', , , local = '', peer = ''] = line.split(/\s+/);
      const fd = new RegExp(`pid=${pid},fd=(\\d+)`).exec(line)?.[1];
      const ino = /ino:(\d+)/.exec(line)?.[1];
      return fd === undefined
        ? []
        : [[Number(fd), `${ssState(state)} ${local} ${peer.replace('0.0.0.0:*', '-')} ${ino}`] as const];
    }),
  );
}

function ssState(state: string): string {
  return state === 'ESTAB' ? 'ESTABLISHED' : state.replace('-', '_');
}

function tcpRows({ instances }: JsonProcess): Map<number, string> {
  return new Map(
    instances.flatMap(({ entries }) =>
      entries.flatMap(({ fd, target }) => {
        if (target.kind !== 'tcp') return [];
        const { state, local, peer, inode } = target;
        const far = peer === null ? '-' : `${peer.address}:${peer.port}`;
        return [[fd, `${state} ${local.address}:${local.port} ${far} ${inode}`] as const];
      }),
    ),
  );
}

const noSs = missingProgram('ss', '-V');

for (const { program, missing, start, serving, workers = 1 } of servers) {
  test(
    `${program}: every entry agrees with fdinfo and ss, and nothing is found wrong`,
    { skip: missing },
    async (t) => {
      const folder = mkdtempSync(join(tmpdir(), 'epoll-servers-'));
      t.after(() => rmSync(folder, { recursive: true, force: true }));
      const port = heldPort(t);
      using server = await start(port, folder);
      const clients = 5;
      const pids = serving(server.pid);
      assert.equal(pids.length, workers);
      await idleClients(t, port, clients);
      await server.until('the clients are watched', () => {
        return pids.reduce((sum, pid) => sum + watchedConnections(pid, port), 0) === clients;
      });
      const { code, processes } = await inspectJson(['--sample', patientSample, ...pids.map(String)]);
      assert.deepEqual([processes.flatMap(({ findings }) => findings), code], [[], 0]);
      for (const process of processes) {
        const { pid, instances } = process;
        assert.deepEqual(shownRows(process), fdinfoRows(pid), 'every tfd line of fdinfo is an entry');
        for (const { fd, flags, events, target, ghost, armed } of instances.flatMap(({ entries }) => entries)) {
          assert.equal(flags.join('|'), formatEvents(events));
          assert.notEqual(target.kind, 'unknown', `fd ${fd}`);
          assert.deepEqual([ghost, armed], [false, true], `fd ${fd}`);
        }
      }
      if (noSs !== false) return t.diagnostic(`not compared with ss: ${noSs}`);
      const seen = processes.map((process) => {
        const shown = tcpRows(process);
        const listed = ssRows(process.pid);
        for (const [fd, row] of shown) assert.equal(row, listed.get(fd), `fd ${fd} of ${program}`);
        return [...shown.values()].filter((row) => row.startsWith('ESTABLISHED')).length;
      });
      assert.equal(
        seen.reduce((sum, each) => sum + each, 0),
        clients,
        'the connection of every client is there',
      );
    },
  );
}
