// @ts-check

/**
 * @typedef {object} Segment a stretch of source text that is not code
 * @property {'comment' | 'string' | 'template' | 'regex'} kind
 * @property {number} start
 * @property {number} end exclusive
 */

// A slash starts a regular expression, not a division, after an operator, an opening bracket or one of these words.
const wordBeforeRegex =
  /(?:^|[^\w$.])(?:return|typeof|case|in|of|delete|void|throw|new|else|do|await|yield|instanceof)$/;

/**
 * The comments, strings, template texts and regular expressions of a TypeScript or JavaScript file. TypeScript 7 has no
 * API that parses; the checks need no more than to know what is code and what is text.
 *
 * @param {string} text
 * @returns {Segment[]}
 */
export function segments(text) {
  /** @type {Segment[]} */
  const found = [];
  /** Depth of `{` inside each open `${`. @type {number[]} */
  const templates = [];
  let code = ''; // the code before i, without what lies in the segments, to tell a regular expression from a division
  let i = text.startsWith('#!') ? lineEnd(text, 0) : 0;

  /** @param {Segment['kind']} kind @param {number} end */
  const take = (kind, end) => {
    found.push({ kind, start: i, end });
    if (kind !== 'comment') code = '"';
    i = end;
  };

  while (i < text.length) {
    const char = text.charAt(i);
    const depth = templates.at(-1);
    if (text.startsWith('//', i)) take('comment', lineEnd(text, i));
    else if (text.startsWith('/*', i)) take('comment', after(text, '*/', i + 2));
    else if (char === '"' || char === "'") take('string', stringEnd(text, i));
    else if (char === '`' || (char === '}' && depth === 0)) {
      if (char === '}') templates.pop();
      const end = templateEnd(text, i + 1);
      if (text.charAt(end - 1) === '{') templates.push(0);
      take('template', end);
      if (templates.length > 0 && text.charAt(end - 1) === '{') code = '{';
    } else if (char === '/' && regexMayStart(code)) take('regex', regexEnd(text, i));
    else {
      if (depth !== undefined && char === '{') templates[templates.length - 1] = depth + 1;
      if (depth !== undefined && char === '}') templates[templates.length - 1] = depth - 1;
      if (char.trim() !== '' || !code.endsWith(' ')) code = (code + (char.trim() === '' ? ' ' : char)).slice(-16);
      i++;
    }
  }
  return found;
}

/**
 * The text with every character of the given kinds of segment replaced by a space: positions and lines stay.
 *
 * @param {string} text
 * @param {readonly Segment['kind'][]} [kinds] by default all, so that only code is left
 */
export function blank(text, kinds = ['comment', 'string', 'template', 'regex']) {
  let result = '';
  let from = 0;
  for (const { kind, start, end } of segments(text)) {
    if (!kinds.includes(kind)) continue;
    result += text.slice(from, start) + text.slice(start, end).replace(/[^\n]/g, ' ');
    from = end;
  }
  return result + text.slice(from);
}

/** @param {string} text @param {number} i */
function lineEnd(text, i) {
  const end = text.indexOf('\n', i);
  return end === -1 ? text.length : end;
}

/** @param {string} text @param {string} mark @param {number} i */
function after(text, mark, i) {
  const end = text.indexOf(mark, i);
  return end === -1 ? text.length : end + mark.length;
}

/** @param {string} text @param {number} start */
function stringEnd(text, start) {
  for (let i = start + 1; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === text[start] || text[i] === '\n') return i + 1;
  }
  return text.length;
}

/** The end of a template text: behind the closing backtick or behind `${`. @param {string} text @param {number} i */
function templateEnd(text, i) {
  for (; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === '`') return i + 1;
    else if (text[i] === '$' && text[i + 1] === '{') return i + 2;
  }
  return text.length;
}

/** @param {string} text @param {number} start */
function regexEnd(text, start) {
  let inClass = false;
  for (let i = start + 1; i < text.length && text[i] !== '\n'; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === '[') inClass = true;
    else if (text[i] === ']') inClass = false;
    else if (text[i] === '/' && !inClass) return i + 1;
  }
  return lineEnd(text, start);
}

/** @param {string} code */
function regexMayStart(code) {
  const before = code.trimEnd();
  return before === '' || !/[\w$)\]}"]$/.test(before) || wordBeforeRegex.test(before);
}
