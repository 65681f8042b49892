// @ts-check

const belowNet = ['reactor', 'fd', 'sys', 'sys/ffi', 'sys/abi'];

/**
 * The rooms of src/net and which other rooms each may import: one way, no circle.
 *
 * @type {readonly (readonly [room: string, imports: readonly string[]])[]}
 */
const netRooms = [
  ['net/address', []],
  ['net/core', ['net/address']],
  ['net/adapt', ['net/core', 'net/address']],
  ['net/stream', ['net/adapt', 'net/core', 'net/address']],
  ['net/tcp', ['net/stream', 'net/core', 'net/address']],
  ['net/unix', ['net/stream', 'net/core', 'net/address']],
  ['net/serve', ['net/tcp', 'net/unix', 'net/stream', 'net/core', 'net/address']],
  ['net/share', ['net/serve', 'net/stream', 'net/core']],
  ['net/http', ['net/serve', 'net/stream', 'net/adapt', 'net/address']],
  ['net/udp', ['net/core', 'net/address']],
  ['net/fd', ['net/core']],
];

/**
 * The layers of src, and the rooms of a layer, and what each may import besides itself: the picture in ARCHITECTURE.md,
 * as data.
 *
 * @type {ReadonlyMap<string, readonly string[]>}
 */
export const layers = new Map([
  ['sys/abi', []],
  ['sys/ffi', ['sys/abi']],
  ['sys', ['sys/ffi', 'sys/abi']],
  ['fd', ['sys', 'sys/ffi', 'sys/abi']],
  ['reactor', ['fd', 'sys', 'sys/ffi', 'sys/abi']],
  ...netRooms.map(([room, imports]) => /** @type {const} */ ([room, [...imports, ...belowNet]])),
  ['net', [...netRooms.map(([room]) => room), ...belowNet]],
  ['inspect', ['fd', 'sys', 'sys/abi']],
  ['lab', ['fd', 'sys', 'sys/abi']],
  ['index', ['net', 'reactor', 'inspect', 'lab', 'fd', 'sys', 'sys/abi']],
  ['cli', ['index', 'net', 'reactor', 'inspect', 'lab', 'fd', 'sys', 'sys/ffi', 'sys/abi']],
]);

/**
 * @param {string} file relative to the project's root
 * @returns {string | undefined} undefined for a place in src that no layer owns
 */
export function layerOf(file) {
  if (file === 'src/index.ts') return 'index';
  return [...layers.keys()].find((layer) => file.startsWith(`src/${layer}/`));
}

const core = new Set(['sys/abi', 'sys/ffi', 'sys', 'fd', 'reactor', 'index']);

/**
 * The file of dist, without its ending, that has the code of a layer. What `epoll-ts` needs is one file, of which
 * `epoll-ts/sys` is a part; the others lie in the folders of their layers, and a layer's rooms share one.
 *
 * @param {string} layer
 */
export function bundleOf(layer) {
  const [folder] = layer.split('/');
  return core.has(layer) ? 'core.bundle' : `${folder}/${folder}.bundle`;
}
