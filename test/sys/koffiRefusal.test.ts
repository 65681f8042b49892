// Why koffi can't be loaded, as it is told: each case is a Node or an installation that really has it.
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { runNode } from '../support/runNode.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { dependencies: object };
// The one dependency, by the name that only src/sys/ffi knows.
const [ffi = ''] = Object.keys(dependencies);
const prebuilt = `@koromix/${ffi}-linux-${process.arch}`;
const program = `
import { EventFd } from 'epoll-ts';
try {
  new EventFd().close();
  console.log('made');
} catch ({ name, message }) {
  console.log(name + ': ' + message);
}
`;

/** A project that has installed this package, with what `install` adds to its node_modules. @returns its program */
function project(t: TestContext, install: (modules: string) => void): string {
  const folder = mkdtempSync(join(tmpdir(), 'epoll-ts-koffi-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const modules = join(folder, 'node_modules');
  for (const name of ['package.json', 'dist/index.js', 'dist/core.bundle.js'])
    cpSync(join(root, name), join(modules, 'epoll-ts', name));
  install(modules);
  const file = join(folder, 'program.mjs');
  writeFileSync(file, program);
  return file;
}

// Without what nobody needs: to copy a file takes long where the disk is slow.
function copyOf(name: string, modules: string): void {
  const filter = (path: string): boolean => !/\/(?:doc|vendor|lib)$/.test(path);
  cpSync(join(root, 'node_modules', name), join(modules, name), { recursive: true, filter });
}

function said(...args: readonly string[]): string {
  const { status, stdout, stderr } = runNode(...args);
  assert.equal(status, 0, stderr);
  return stdout.trim();
}

test('with koffi and its optional package it works', (t) => {
  const file = project(t, (modules) => {
    copyOf(ffi, modules);
    copyOf(prebuilt, modules);
  });
  assert.equal(said(file), 'made');
});

test('--no-addons is named', () => {
  assert.equal(
    said('--no-addons', '--input-type=module', '-e', program),
    'UnsupportedError: Cannot use epoll as this Node may not load native addons, and koffi has one: ' +
      'start it without --no-addons',
  );
});

// The flag is stable since Node 22.13 and 23.5.
const permission = process.allowedNodeEnvironmentFlags.has('--permission')
  ? '--permission'
  : '--experimental-permission';

test('the permission model is named, and what allows addons there', () => {
  const flags = [permission, '--allow-fs-read=*'];
  assert.match(
    said(...flags, '--input-type=module', '-e', program),
    /^UnsupportedError: Cannot use epoll as this Node may not load native addons, .* with --allow-addons$/,
  );
});

test('under the permission model it works, where that allows addons', (t) => {
  if (!process.allowedNodeEnvironmentFlags.has('--allow-addons')) return t.skip('this Node has no --allow-addons');
  assert.equal(said(permission, '--allow-fs-read=*', '--allow-addons', '--input-type=module', '-e', program), 'made');
});

test('under the permission model the folder of koffi must be readable', (t) => {
  const file = project(t, (modules) => {
    copyOf(ffi, modules);
    copyOf(prebuilt, modules);
  });
  const readable = [file, join(dirname(file), 'node_modules/epoll-ts/')].map((path) => `--allow-fs-read=${path}`);
  assert.match(
    said(permission, ...readable, file),
    /permission model refuses to read the package koffi: .*--allow-fs-read$/,
  );
});

test('--omit=optional is named where the optional package is missing', (t) => {
  const file = project(t, (modules) => copyOf(ffi, modules));
  assert.match(said(file), new RegExp(`as ${prebuilt}, .*, is not found: install without --omit=optional`));
});

test('koffi is named where it is missing', (t) => {
  assert.match(
    said(project(t, () => undefined)),
    /as the package koffi is not found: install it; a bundler must leave it out/,
  );
});

test('a damaged package is told by what is missing in it', (t) => {
  const file = project(t, (modules) => {
    copyOf(ffi, modules);
    copyOf(prebuilt, modules);
    rmSync(join(modules, ffi, 'src'), { recursive: true });
  });
  assert.match(said(file), /as the package koffi does not work here \(Cannot find module '\.\/src\//);
});

test('what the loader says is passed on', (t) => {
  const file = project(t, (modules) => {
    copyOf(ffi, modules);
    copyOf(prebuilt, modules);
    const folder = join(modules, prebuilt);
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }))
      if (name.endsWith('.node')) writeFileSync(join(folder, name), 'no module');
  });
  assert.match(said(file), /the native module of koffi cannot be loaded \(.*koffi\.node: .*\): install it anew/);
});

test('a bundle works beside node_modules, and without them says that koffi must be there', async (t) => {
  const file = project(t, (modules) => copyOf(ffi, modules));
  const bundle = await rolldown({ input: file, platform: 'node' });
  const alone = mkdtempSync(join(tmpdir(), 'epoll-ts-bundle-'));
  t.after(() => rmSync(alone, { recursive: true }));
  const bundled = join(alone, 'bundle.mjs');
  await bundle.write({ file: bundled });
  await bundle.close();
  assert.match(said(bundled), /as the package koffi is not found: install it; a bundler must leave it out/);
  for (const name of [ffi, prebuilt]) copyOf(name, join(alone, 'node_modules'));
  assert.equal(said(bundled), 'made');
});
