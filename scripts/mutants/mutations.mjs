// @ts-check
import { blank } from '../source/segments.mjs';

/**
 * @typedef {object} Mutation one small change of a source file
 * @property {string} file relative to the project's root
 * @property {number} line from 1
 * @property {string} kind
 * @property {number} index where in the text
 * @property {string} from
 * @property {string} to
 */

/**
 * What each kind looks for in the code, without comments and strings, and what it puts there.
 *
 * @type {readonly [kind: string, pattern: RegExp, to: (from: string) => string | null][]}
 */
const kinds = [
  ['comparison', /(?<= )(?:===|!==|<=|>=|<|>)(?= )/g, (sign) => turned[sign] ?? null],
  ['logic', /(?<= )(?:&&|\|\|)(?= )/g, (sign) => (sign === '&&' ? '||' : '&&')],
  ['flag', /(?<=\b[A-Z][A-Z\d_]{2,}) \| [A-Z][A-Z\d_]{2,}\b/g, () => ''],
  [
    'call',
    /(?<=^ +)(?:void )?(?!super|return|throw|await|yield|if|for|while|switch)[\w#]+(?:\??\.#?\w+)*\([^\n]*\);(?=$)/gm,
    () => ';',
  ],
  ['condition', /(?<=\bif )\((?:[^()\n]|\([^()\n]*\))*\)/g, (condition) => `(!${condition})`],
  [
    'number',
    /(?<![\w.'"$])(?:0|1|2|3|4|16|32|100)(?![\w.:xn])/g,
    (digits) => (digits === '0' ? '1' : String(Number(digits) - 1)),
  ],
  ['sign', /(?<=[\w)\]] )[+-](?= [\w(])/g, (sign) => (sign === '+' ? '-' : '+')],
  ['boolean', /(?<=[=(,?:] |return )(?:true|false)\b(?= *[;,)])/g, (value) => (value === 'true' ? 'false' : 'true')],
  ['fallback', /(?<=\w\)?) \?\? (?:0|1|null|''|\[\]|Infinity)(?=[;,)])/g, () => '!'],
];

/** @type {Readonly<Record<string, string>>} */
const turned = { '===': '!==', '!==': '===', '<': '<=', '<=': '<', '>': '>=', '>=': '>' };

// Lines that are gone when the types are.
const typeOnly = /^ *(?:export )?(?:(?:type|interface|import|declare)\b|(?:static )?(?:readonly )?[\w#]+\??: [^=]*;$)/;
// A union of numbers is a type, too.
const union = /(?<=\d \| )\d|\d(?= \| \d)/;

/**
 * Every small change that could be made to a file.
 *
 * @param {string} file
 * @param {string} text
 * @returns {Mutation[]}
 */
export function mutationsOf(file, text) {
  const code = blank(text);
  const lines = text.split('\n');
  return kinds.flatMap(([kind, pattern, replacement]) =>
    [...code.matchAll(pattern)].flatMap((match) => {
      const line = code.slice(0, match.index).split('\n').length;
      const from = text.slice(match.index, match.index + match[0].length);
      const to = replacement(from);
      const around = code.slice(Math.max(0, match.index - 4), match.index + from.length + 4);
      if (to === null || typeOnly.test(lines[line - 1] ?? '') || (kind === 'number' && union.test(around))) return [];
      return [{ file, line, kind, index: match.index, from, to }];
    }),
  );
}

/** The text of the file with the change. @param {string} text @param {Mutation} mutation */
export function mutated(text, { index, from, to }) {
  return text.slice(0, index) + to + text.slice(index + from.length);
}

/**
 * A choice that is the same for the same seed: of every kind and every file some, however many there are of it.
 *
 * @param {readonly Mutation[]} all
 * @param {number} count
 * @param {number} seed
 */
export function chosen(all, count, seed) {
  const random = randomFrom(seed);
  /** @type {Map<string, number>} */
  const seen = new Map();
  const turn = (/** @type {string} */ name) => {
    const times = (seen.get(name) ?? 0) + 1;
    seen.set(name, times);
    return times;
  };
  return all
    .map((mutation) => ({ mutation, order: random() }))
    .sort((a, b) => a.order - b.order)
    .map(({ mutation }) => ({ mutation, rank: turn(mutation.file) + turn(mutation.kind) / 20 }))
    .sort((a, b) => a.rank - b.rank)
    .slice(0, count)
    .map(({ mutation }) => mutation);
}

/** Mulberry32. @param {number} seed */
function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
