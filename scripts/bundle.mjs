// @ts-check
// Compiles src to dist: the code of a layer is one file, and each module of src is a stub beside its declarations that
// exports from there. An import takes as long as it has files (half a millisecond each on Node 20), and who imports a
// module by its own path, as the tests do, gets the very one that `epoll-ts` has. --root DIR compiles another tree, for
// the tests.
import { readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { rolldown } from 'rolldown';
import { bundleOf, layerOf, layers } from './house/layers.mjs';
import { projectFiles } from './source/files.mjs';

const { values } = parseArgs({ options: { root: { type: 'string' } } });
const root = realpathSync(values.root ?? new URL('..', import.meta.url).pathname); // as the bundler calls it
// In the order of the layers: the core first.
const bundles = [...new Set([...layers.keys()].map(bundleOf))];

const sources = projectFiles(join(root, 'src')).filter((path) => path.endsWith('.ts'));
const bundle = await rolldown({
  cwd: root,
  input: Object.fromEntries(sources.map((path) => [path.replace(/\.ts$/, ''), `./src/${path}`])),
  platform: 'node',
  external: [/^node:/, 'koffi'],
  tsconfig: false,
  transform: { target: 'es2023' },
  onLog: (level, { message }) => {
    if (level === 'warn') throw new Error(`Cannot bundle as there is a warning: ${message}`);
  },
});
const { output } = await bundle.write({
  dir: join(root, 'dist'),
  entryFileNames: '[name].js',
  chunkFileNames: '[name].js',
  codeSplitting: {
    // In the order of the layers: a group takes with it what its modules import and no group before it has.
    groups: bundles.map((name) => ({
      name,
      test: (/** @type {string} */ id) =>
        (name === 'core.bundle' && id.startsWith('\0')) || (isModule(id) && bundleOf(layer(id)) === name),
    })),
  },
  minifyInternalExports: false,
  comments: { annotation: true, jsdoc: false, legal: true },
  sourcemap: true,
  sourcemapExcludeSources: true, // src is in the package
});

const written = new Set(output.map(({ fileName }) => fileName));
for (const path of readdirSync(join(root, 'dist'), { recursive: true, encoding: 'utf8' })) {
  if (!/\.js(?:\.map)?$/.test(path) || written.has(path)) continue;
  rmSync(join(root, 'dist', path), { force: true });
  console.log(`Removed dist/${path}: nothing is compiled to it any more`);
}

/** What exports nothing is a program: it runs when its file is loaded, and only then. @param {string} id */
function isModule(id) {
  return /^export /m.test(readFileSync(id, 'utf8'));
}

/** @param {string} id */
function layer(id) {
  return layerOf(relative(root, id)) ?? '';
}
