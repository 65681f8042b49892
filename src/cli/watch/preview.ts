import type { Detail } from './event.ts';

/** How many bytes of a read are kept to be shown. */
export const previewBytes = 256;

/**
 * The beginning of what was read: as `text` where it is UTF-8 without NUL, else as `hex`.
 *
 * @param first the first bytes, at most `previewBytes` of them
 * @param bytes how many were read in all
 */
export function preview(first: Uint8Array, bytes: number): Detail {
  const text = first.includes(0) ? null : decode(first);
  return text === null ? { bytes, hex: Buffer.from(first).toString('hex') } : { bytes, text };
}

function decode(bytes: Uint8Array): string | null {
  try {
    // `stream`: a character that the end of the preview cuts is left out, not an error.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes, { stream: true });
  } catch {
    return null;
  }
}
