import { styleText } from 'node:util';

/** What is shown in colour. */
export type Style = 'bold' | 'dim' | 'red' | 'yellow' | 'green' | 'cyan' | 'inverse';

/** Text in a style, or as it is where colour is not wanted. */
export type Paint = (style: Style, text: string) => string;

/** @param colour whether colour is wanted */
export function paintWith(colour: boolean): Paint {
  return (style, text) => (colour ? styleText(style, text, { validateStream: false }) : text);
}
