import type { Measured } from './measure.ts';
import { type CaseReport, machineText, round } from './report.ts';

const width = 860;
const label = 170;
const rowHeight = 18;
const colours = ['#1f6feb', '#8b949e', '#d29922', '#a371f7', '#3fb950'];

/**
 * Bars of CPU time per operation, one group per variant, each group in its own scale. User and system time are apart.
 * Of waits it is the time by which they end late.
 */
export function plot({ name, machine, results }: CaseReport): string {
  const parts: string[] = [];
  let y = 46;
  for (const { name: variant, unit, contenders, waitNs } of results) {
    const what = waitNs === undefined ? `of CPU per ${unit}; the pale part is the kernel's` : 'too late';
    parts.push(text(10, y, `${variant} (ns ${what})`, 'font-weight="600"'));
    y += 8;
    const shown = ({ cpuNs, wallNs }: Measured): number =>
      waitNs === undefined ? cpuNs.median : wallNs.median - waitNs;
    const most = Math.max(...contenders.map(shown));
    for (const [index, contender] of contenders.entries()) {
      const { name: who, userNs, systemNs } = contender;
      const scale = (width - label - 110) / most;
      const total = shown(contender) * scale;
      const user = waitNs === undefined ? total * (userNs / Math.max(userNs + systemNs, 1e-9)) : total;
      const colour = colours[index % colours.length] ?? '#000';
      parts.push(text(label - 6, y + 13, who, 'text-anchor="end"'));
      parts.push(bar(label, y, { width: total, colour, opacity: 0.45 }));
      parts.push(bar(label, y, { width: user, colour, opacity: 1 }));
      parts.push(text(label + total + 6, y + 13, round(shown(contender)), ''));
      y += rowHeight;
    }
    y += 22;
  }
  const footer = text(10, y, machineText(machine), 'font-size="8"');
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${y + 14}" font-family="sans-serif" font-size="12">`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    text(10, 22, `${name}: shorter is better`, 'font-size="15" font-weight="700"'),
    ...parts,
    footer,
    '</svg>\n',
  ].join('\n');
}

function bar(
  x: number,
  y: number,
  { width: w, colour, opacity }: { width: number; colour: string; opacity: number },
): string {
  return (
    `<rect x="${x}" y="${y}" width="${Math.max(w, 1).toFixed(1)}" height="${rowHeight - 4}" fill="${colour}" ` +
    `opacity="${opacity}"/>`
  );
}

function text(x: number, y: number, content: string, attributes: string): string {
  const escaped = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<text x="${x.toFixed(1)}" y="${y}" ${attributes}>${escaped}</text>`;
}
