export async function runScenes(verdict: (name: string, problem: string) => void): Promise<void> {
  await Promise.resolve();
  void verdict;
}
