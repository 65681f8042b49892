// @ts-check

/**
 * The layers of src and what each may import besides itself: the picture in ARCHITECTURE.md, as data.
 *
 * @type {ReadonlyMap<string, readonly string[]>}
 */
export const layers = new Map([
  ['sys/abi', []],
  ['sys/ffi', ['sys/abi']],
  ['sys', ['sys/ffi', 'sys/abi']],
  ['fd', ['sys', 'sys/ffi', 'sys/abi']],
  ['reactor', ['fd', 'sys', 'sys/ffi', 'sys/abi']],
  ['net', ['reactor', 'fd', 'sys', 'sys/ffi', 'sys/abi']],
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
