/** Every answer under `/v1` may hold a secret: no cache keeps it (RFC 9111 §5.2.2.5). */
export const noStore = { 'cache-control': 'no-store' } as const;
