const ignored = (): void => {};

/**
 * Writes a text that was asked for to stdout: a report, a help.
 *
 * @returns the exit status: 0, also when nobody reads on (`epoll inspect 1 | true`); 1 where it can't be written
 */
export async function printText(text: string): Promise<number> {
  const error = await new Promise<NodeJS.ErrnoException | null | undefined>((resolve) => {
    // The stream emits what it tells the callback, too, and later: an error that nobody listens for ends the process.
    if (!process.stdout.listeners('error').includes(ignored)) process.stdout.on('error', ignored);
    process.stdout.write(text, resolve);
  });
  if (!error || error.code === 'EPIPE') return 0;
  process.stderr.write(`epoll: Cannot write to stdout: ${error.message}\n`);
  return 1;
}
