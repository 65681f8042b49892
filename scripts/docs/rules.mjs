// @ts-check

/** @typedef {import('./blocks.mjs').Block} Block */

/**
 * What is wrong with a block before it is compiled, undefined if nothing is.
 *
 * @param {Block} block
 * @returns {string | undefined}
 */
export function blockFault({ language, origin, code, notRun }) {
  if (/^(?:typescript|tsx|mts|js|javascript|mjs|jsx)\b/.test(language))
    return `is \`${language}\`: write \`ts\`, which is run`;
  if (!isExample({ language })) return undefined;
  if (notRun !== undefined) return notRun === '' ? 'is not run, without a reason' : undefined;
  if (origin === 'docstring' && !checksItself(code))
    return 'proves nothing: a docstring example asserts (node:assert/strict) or throws';
  return undefined;
}

/** @param {Pick<Block, 'language'>} block */
export function isExample({ language }) {
  return language === 'ts';
}

/** @param {string} code */
export function checksItself(code) {
  return /\bassert\b|\bthrow\b/.test(code.replace(/^import .*$/gm, ''));
}
