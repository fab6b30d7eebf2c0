import type { AuditReport, Pruned } from '#vault';

export function reportLines({ ok, chains, strayCheckpoints }: AuditReport): string[] {
  const ofChains = chains.flatMap(({ chain, events, sequence, findings }) => [
    `${chain}: ${events} events up to number ${sequence}, ${findings.length === 0 ? 'intact' : 'NOT INTACT'}`,
    ...findings.map((finding) => `  number ${finding.sequence}: ${finding.kind}. ${finding.meaning}`),
  ]);
  const strays = strayCheckpoints.map(
    ({ sequence, at }) =>
      `The checkpoint of ${at} at number ${sequence} is of no chain here: it is forged, its chain is gone, or its key is not listed.`,
  );
  return [
    ...ofChains,
    ...strays,
    ok ? 'The audit trail is intact.' : 'The audit trail has been tampered with.',
  ];
}

export function prunedLines(pruned: readonly Pruned[]): string[] {
  return pruned.map(({ chain, removed, refused }) =>
    refused ? `${chain}: left as it is, for it is not intact` : `${chain}: ${removed} events removed`,
  );
}
