// @ts-check
// Runs compiled tests on arm64, under qemu's user-mode emulation: `npm run test:arm64`, or parts of file names as for
// `npm test`. Skips, and says why, where the emulator or the C library for arm64 is absent. It needs no option of
// Node's: JIT and all work.
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { emulatedEntries, emulatedLayers, emulatedOut, emulatedTests } from './arm64/leftOut.mjs';
import { runFileLanes } from './fileLanes.mjs';
import { runGroup } from './runner.mjs';
import { namedLike, testFiles } from './testFiles.mjs';

const root = new URL('..', import.meta.url).pathname;
const pinned = join(root, 'test/runtime/arm64');
const copy = join(root, 'build/arm64');
const emulator = 'qemu-aarch64-static';
const sysroot = '/usr/aarch64-linux-gnu';
const compiler = 'aarch64-linux-gnu-gcc';
// What tests load, run or read.
const assembled = [
  'build/examples',
  'build/test',
  'dist',
  'docs',
  'examples',
  'package.json',
  'scripts/start.mjs',
  'src',
  'test/conformance',
];
const packages = 'apt-get install qemu-user-static libc6-arm64-cross libstdc++6-arm64-cross';
// Node alone needs 2 s to start; the slowest file took 140 s beside other work (see scripts/arm64/leftOut.mjs).
const fileLimitMs = 600_000;
const lanes = 2;
const cross = spawnSync(compiler, ['-dumpmachine']).status === 0;
// The catalogue is no test file of its own: it is run whole, as `npm run conformance` does, after the files or when
// named.
const scenarios = 'scenarios';
const scenariosLimitMs = 3_600_000;

process.exitCode = await main();

async function main() {
  const missing = whatIsMissing();
  if (missing !== undefined) {
    console.log(`arm64 is skipped as ${missing}`);
    return 0;
  }
  install();
  assemble();
  const filters = process.argv.slice(2);
  const files = namedLike(emulatedFiles(), filters);
  const chosen = files.filter((file) => !emulatedOut.has(file) || filters.includes(file));
  for (const file of files) if (!chosen.includes(file)) console.log(`left out: ${file}: ${emulatedOut.get(file)}`);
  if (chosen.length === 0 && !filters.includes(scenarios)) {
    console.error(`Cannot run on arm64 as no file is named like ${filters.join(', ')}`);
    return 1;
  }
  const version = execFileSync(join(copy, 'node'), ['--print', "['Node', process.version, process.arch].join(' ')"], {
    encoding: 'utf8',
  });
  console.log(`${version.trim()} under ${emulator}: ${chosen.length} test files`);
  const filesPass = await runFileLanes(chosen, { title: 'arm64', lanes, limitMs: fileLimitMs, of: emulatedRun });
  const scenariosPass = (filters.length > 0 && !filters.includes(scenarios)) || (await runScenarios());
  return filesPass && scenariosPass ? 0 : 1;
}

/** @returns {string | undefined} */
function whatIsMissing() {
  if (process.platform !== 'linux' || process.arch === 'arm64')
    return `it is for emulation on another CPU: this is ${process.platform} ${process.arch}, where npm test runs`;
  if (spawnSync(emulator, ['--version']).status !== 0) return `${emulator} is not in PATH: ${packages}`;
  for (const library of ['ld-linux-aarch64.so.1', 'libstdc++.so.6'])
    if (!existsSync(join(sysroot, 'lib', library))) return `${library} is not in ${sysroot}/lib: ${packages}`;
  return undefined;
}

/** Node and the packages for arm64, by their pins; npm thinks that it runs there. */
function install() {
  /** @type {(file: string) => Record<string, Record<string, string>>} */
  const manifest = (file) => JSON.parse(readFileSync(file, 'utf8'));
  const ours = manifest(join(root, 'package.json'));
  const { dependencies = {} } = manifest(join(pinned, 'package.json'));
  for (const [name, version] of Object.entries({ ...ours['dependencies'], ...ours['devDependencies'] }))
    if (name in dependencies && dependencies[name] !== version)
      throw new Error(`Cannot test on arm64 as test/runtime/arm64 pins ${name} ${dependencies[name]}, not ${version}`);
  const lock = join(pinned, 'package-lock.json');
  const stamp = join(pinned, 'node_modules/.installed');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === readFileSync(lock, 'utf8')) return;
  // --force: npm would refuse a package of a foreign CPU that is named directly.
  const args = ['ci', '--ignore-scripts', '--force', '--cpu=arm64', '--os=linux', '--libc=glibc'];
  execFileSync('npm', args, { cwd: pinned, stdio: ['ignore', 'inherit', 'inherit'] });
  writeFileSync(stamp, readFileSync(lock));
}

/** The package as it would be installed on arm64: compiled code, and the packages for that CPU. */
function assemble() {
  rmSync(copy, { recursive: true, force: true });
  mkdirSync(copy, { recursive: true });
  for (const name of assembled) cpSync(join(root, name), join(copy, name), { recursive: true });
  symlinkSync(join(pinned, 'node_modules'), join(copy, 'node_modules'));
  // An arm64 program can't be started without binfmt_misc: what tests start as process.execPath is a script of this
  // CPU.
  const node = join(copy, 'node');
  const binary = join(pinned, 'node_modules/node22-arm64/bin/node');
  writeFileSync(join(copy, 'execPath.mjs'), `process.execPath = ${JSON.stringify(node)};\n`);
  writeFileSync(node, `#!/bin/sh\nexec ${emulator} -L ${sysroot} '${binary}' --import '${copy}/execPath.mjs' "$@"\n`);
  chmodSync(node, 0o755);
}

/** Whatever `npm test` runs, less the layers that are left out: by layer and name. */
function emulatedFiles() {
  for (const [layer, reason] of emulatedLayers) console.log(`left out: ${layer}/: ${reason}`);
  return testFiles(root)
    .map((path) => path.replaceAll(/^build\/test\/|\.test\.js$/g, ''))
    .filter((file) => !emulatedLayers.has(file.slice(0, file.indexOf('/'))));
}

/**
 * @param {string} file
 * @returns {import('./fileLanes.mjs').FileRun}
 */
function emulatedRun(file) {
  const { NODE_TEST_CONTEXT: _context, NODE_OPTIONS: _options, ...env } = process.env;
  const leftOut = emulatedTests.get(file) ?? {};
  for (const [test, reason] of Object.entries(leftOut)) console.log(`left out: ${file}: ${test}: ${reason}`);
  const skips = Object.keys(leftOut).map((test) => `--test-skip-pattern=${test}`);
  return {
    program: join(copy, 'node'),
    args: ['--test-reporter=tap', ...skips, `build/test/${file}.test.js`],
    cwd: copy,
    env: {
      ...env,
      ...(cross ? { CC: compiler, EPOLL_TS_CC_RUNNER: `${emulator} -L ${sysroot}` } : {}),
      EPOLL_TS_EMULATED: '1',
    },
  };
}

async function runScenarios() {
  for (const [id, reason] of emulatedEntries) console.log(`left out: scenario ${id}: ${reason}`);
  const args = ['build/test/conformance/main.js', '--except', [...emulatedEntries.keys()].join(',')];
  const { status, output } = await runGroup(join(copy, 'node'), args, {
    cwd: copy,
    limitMs: scenariosLimitMs,
    capture: true,
  });
  const lines = output.trimEnd().split('\n');
  for (const line of lines) if (status !== 0 && !line.startsWith('SKIP')) console.log(line);
  console.log(`arm64: scenarios: ${lines.at(-1)}`);
  return status === 0;
}
