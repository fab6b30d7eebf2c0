export function failuresInWords(failures: Readonly<Record<string, number>>): string {
  const named = Object.entries(failures).map(([code, count]) => `${code.replaceAll('_', ' ')}: ${count}`);
  return named.join(', ') || '—';
}

export function latenessInWords({
  due,
  lateness_seconds,
}: {
  due: number;
  lateness_seconds: number;
}): string {
  return due === 0 ? '—' : `${due}, for ${lateness_seconds} s at most`;
}
