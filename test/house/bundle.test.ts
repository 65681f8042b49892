import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import { test } from 'node:test';
import * as objects from 'epoll-ts';
import * as inspect from 'epoll-ts/inspect';
import * as net from 'epoll-ts/net';
import * as sys from 'epoll-ts/sys';
import { Socket } from '#epoll/net/core/socket.js';
import { Reactor } from '#epoll/reactor/reactor.js';
import { runNode } from '../support/runNode.ts';
import { projectRoot, runScript, seededTree, soundFiles } from './seededTree.ts';

const entries = { 'index.js': objects, 'sys/index.js': sys, 'net/index.js': net, 'inspect/index.js': inspect };

/** The files that are loaded for one of dist, itself included, and the modules of Node that they name. */
function loadedBy(file: string, loaded: Set<string> = new Set()): Set<string> {
  if (loaded.has(file)) return loaded;
  loaded.add(file);
  if (isBuiltin(file)) return loaded;
  const text = readFileSync(path.join(projectRoot, 'dist', file), 'utf8');
  for (const [, from = ''] of text.matchAll(/^(?:import|export) (?:[^;]* from )?"([^"]+)";$/gm))
    loadedBy(from.startsWith('.') ? path.join(path.dirname(file), from) : from, loaded);
  return loaded;
}

test('an entry loads itself, the file of its layer, and the core', () => {
  const files = Object.keys(entries).map((entry) => [...loadedBy(entry)].filter((file) => !isBuiltin(file)));
  const core = 'core.bundle.js';
  assert.deepEqual(files, [
    ['index.js', core],
    ['sys/index.js', core],
    ['net/index.js', 'net/net.bundle.js', core],
    ['inspect/index.js', 'inspect/inspect.bundle.js', core],
  ]);
});

test('a module that is imported by its own path is the one that the entries have', () => {
  assert.equal(Reactor, objects.Reactor);
  assert.ok(net.TcpStream.prototype instanceof Socket);
  assert.ok(net.TcpStream.prototype instanceof objects.OwnedFd);
  assert.equal(objects.EpollEventBuffer, sys.EpollEventBuffer);
});

test('functions and classes have the names under which they are exported', () => {
  for (const exported of Object.values(entries))
    for (const [name, value] of Object.entries(exported))
      if (typeof value === 'function') assert.equal(value.name, name);
});

test('a stack names the files of src, with --enable-source-maps', () => {
  const script = `import('epoll-ts').then(({ EventFd }) => { const fd = new EventFd(); fd.close(); fd.read(); })`;
  const { stderr } = runNode('--enable-source-maps', '-e', script);
  const place = /\(\S*\/(src\/fd\/eventFd\.ts):(\d+)/.exec(stderr);
  assert.ok(place !== null, stderr);
  const line = readFileSync(path.join(projectRoot, place[1] ?? ''), 'utf8').split('\n')[Number(place[2]) - 1];
  assert.match(line ?? '', /\.fd\b/);
});

test('what has no source any more is removed, and a program is no part of the file of its layer', () => {
  using tree = seededTree({
    ...soundFiles,
    'src/cli/bin.ts': "import { Epoll } from '../fd/epoll.ts';\n\nconsole.log(Epoll.name);\n",
    'dist/fd/gone.js': '',
    'dist/index.js.map': '',
  });
  const { status, output } = runScript('bundle.mjs', ['--root', tree.root]);
  assert.equal(status, 0, output);
  assert.deepEqual(output.match(/^Removed \S+(?=:)/gm)?.sort(), [
    'Removed dist/fd/gone.js',
    'Removed dist/index.js.map',
  ]);
  assert.match(readFileSync(path.join(tree.root, 'dist/cli/bin.js'), 'utf8'), /console\.log\(Epoll\.name\)/);
  for (const gone of ['fd/gone.js', 'index.js.map', 'cli/cli.bundle.js'])
    assert.ok(!existsSync(path.join(tree.root, 'dist', gone)), gone);
});
