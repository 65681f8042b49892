/** Writes to stdout, and resolves when it is written; also when its reader has gone (`| head`), which is no fault. */
export async function write(text: string): Promise<void> {
  await new Promise<void>((resolve) => {
    const gone = (): void => resolve();
    process.stdout.once('error', gone);
    process.stdout.write(text, () => {
      process.stdout.off('error', gone);
      resolve();
    });
  });
}
