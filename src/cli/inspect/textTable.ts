/** A column of a table. */
export interface Column {
  readonly title: string;
  readonly align?: 'right';
  /** The column that gives way where the table is wider than the terminal. */
  readonly shrinks?: boolean;
}

const gap = 2;
const narrowest = 20;

/**
 * The lines of a table: columns as wide as they need to be, the one that shrinks cut so that a line fits.
 *
 * @param width how many characters a line may have; Infinity: as many as it takes
 */
export function textTable(columns: readonly Column[], rows: readonly (readonly string[])[], width: number): string[] {
  const widths = columns.map(({ title }, index) =>
    rows.reduce((most, row) => Math.max(most, lengthOf(row[index] ?? '')), title.length),
  );
  const over = widths.reduce((sum, each) => sum + each + gap, -gap) - width;
  columns.forEach(({ shrinks }, index) => {
    if (shrinks === true && over > 0) widths[index] = Math.max(narrowest, (widths[index] ?? 0) - over);
  });
  const line = (cells: readonly string[]): string =>
    columns
      .map(({ align }, index) => {
        const cell = cut(cells[index] ?? '', widths[index] ?? 0);
        const padding = ' '.repeat(Math.max(0, (widths[index] ?? 0) - lengthOf(cell)));
        return align === 'right' ? padding + cell : cell + padding;
      })
      .join(' '.repeat(gap))
      .trimEnd();
  return [line(columns.map(({ title }) => title)), ...rows.map((row) => line(row))];
}

function lengthOf(text: string): number {
  return Array.from(text).length;
}

/** Text of at most that many characters, with an ellipsis where it was longer. */
export function cut(text: string, width: number): string {
  const characters = Array.from(text);
  return characters.length <= width ? text : `${characters.slice(0, Math.max(0, width - 1)).join('')}…`;
}
