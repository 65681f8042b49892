// @ts-check

/**
 * Changes that no test can find, as they change nothing that a program can see, and why. A change is known by its file,
 * the text of its line without the blanks around it, and what stands there then.
 *
 * @type {readonly { file: string, line: string, to: string, reason: string }[]}
 */
export const sameBehaviour = [];
