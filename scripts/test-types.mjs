// @ts-check
// Reads the declarations in dist as users' compilers do: several TypeScripts, which test/runtime pins, both ways of
// resolving, with skipLibCheck off and without `types`. `npm run test:types`, after a build.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = new URL('..', import.meta.url).pathname;
const folder = join(root, 'test/runtime');
const nodenext = { module: 'nodenext', moduleResolution: 'nodenext' };
const bundler = { module: 'esnext', moduleResolution: 'bundler' };

/** @type {{ dependencies: Record<string, string> }} */
const { dependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
const pinned = Object.entries(dependencies).map(([name, alias]) => ({
  place: join(folder, 'node_modules', name),
  version: alias.slice(alias.lastIndexOf('@') + 1),
}));
process.exitCode = main();

function main() {
  if (!pinned.every(({ place, version }) => versionAt(place) === version))
    execFileSync('npm', ['ci', '--ignore-scripts', '--omit=optional'], {
      cwd: folder,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
  const own = join(root, 'node_modules/typescript');
  const project = mkdtempSync(join(tmpdir(), 'epoll-ts-types-'));
  try {
    mkdirSync(join(project, 'node_modules'));
    symlinkSync(root, join(project, 'node_modules/epoll-ts'));
    cpSync(join(root, 'test/declarations/consumer.ts'), join(project, 'consumer.ts'));
    const compilers = [...pinned, { place: own, version: versionAt(own) }];
    // The oldest and the newest both ways: a run takes some seconds.
    const failures = compilers.flatMap((compiler, index) => [
      ...(index === 0 || index === compilers.length - 1 ? compile(project, compiler, nodenext) : []),
      ...compile(project, compiler, bundler),
    ]);
    for (const failure of failures) console.log(failure);
    return failures.length === 0 ? 0 : 1;
  } finally {
    rmSync(project, { recursive: true });
  }
}

/**
 * @param {string} project
 * @param {{ place: string, version: string | undefined }} compiler
 * @param {{ module: string, moduleResolution: string }} resolution
 * @returns {string[]} what it says against the types
 */
function compile(project, { place, version }, resolution) {
  const compilerOptions = {
    ...resolution,
    target: 'es2022',
    noEmit: true,
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
  };
  writeFileSync(join(project, 'package.json'), JSON.stringify({ type: 'module' }));
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['consumer.ts'] }));
  const { status, stdout } = spawnSync(process.execPath, [join(place, 'bin/tsc'), '-p', project], {
    encoding: 'utf8',
  });
  const what = `TypeScript ${version}, ${resolution.moduleResolution}`;
  console.log(`${what}: ${status === 0 ? 'passed' : 'failed'}`);
  return status === 0 ? [] : [`${what}:\n${stdout}`];
}

/** @param {string} place @returns {string | undefined} */
function versionAt(place) {
  try {
    return JSON.parse(readFileSync(join(place, 'package.json'), 'utf8')).version;
  } catch {
    return undefined; // no such file: not installed yet
  }
}
