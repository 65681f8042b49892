// Cc: control characters, ESC and the C1 set among them. Cf: invisible ones, such as those that reverse the writing
// direction. Zl, Zp: line and paragraph separators. What a peer or a file name says must not steer the terminal.
const unsafe = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;
const short: ReadonlyMap<string, string> = new Map([
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]);

/**
 * Text from outside, safe on a terminal: `a\nb` as the six characters that JSON would use, with a backslash doubled.
 */
export function escapeText(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll(unsafe, (character) => short.get(character) ?? unicode(character));
}

/** Makes finished JSON safe on a terminal: what is unsafe can stand only inside its strings. */
export function escapeJson(json: string): string {
  return json.replaceAll(unsafe, unicode);
}

function unicode(character: string): string {
  return Array.from({ length: character.length }, (_, index) => {
    return `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`;
  }).join('');
}
