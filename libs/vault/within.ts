/**
 * Rejects when `work` takes longer than `timeoutMs`; what it becomes later is ignored. An answer that lay there already,
 * when a busy process came to look at the clock, is not late.
 */
export async function within<T>(timeoutMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => setImmediate(() => reject(new Error('It took too long.'))), timeoutMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
