// @ts-check

/**
 * The text of a `/** … *\/` comment, without the stars.
 *
 * @param {string} comment
 */
export function docText(comment) {
  return comment
    .replace(/^\/\*\*|\*\/$/g, '')
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, ''))
    .join('\n');
}

/**
 * The first line that says something: none if the comment starts with a tag.
 *
 * @param {string} doc the comment's text
 */
export function firstLine(doc) {
  const line =
    doc
      .split('\n')
      .map((each) => each.trim())
      .find((each) => each !== '') ?? '';
  return line.startsWith('@') ? '' : line;
}
