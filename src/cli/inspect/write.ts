/** Writes to stdout, and waits until its reader has room; a reader that has gone (`| head`) is no fault. */
export async function write(text: string): Promise<void> {
  await new Promise<void>((resolve) => {
    process.stdout.once('error', () => resolve());
    process.stdout.write(text, () => resolve());
  });
}
