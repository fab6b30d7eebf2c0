import type { Connection } from '../api/types';
import { Time } from '../parts/time';

export function Facts({ connection }: { readonly connection: Connection }) {
  const { account, labels, missing_scopes: missing } = connection;
  const facts = [
    ['Provider', connection.provider],
    ['Client credentials', connection.credential],
    ['Grant', connection.grant.replaceAll('_', ' ')],
    ['Account', account ? [account.name, account.email, account.id].filter(Boolean).join(' · ') : '—'],
    ['Subject', connection.subject ?? '—'],
    ['Scope', connection.scope ?? '—'],
    ...(missing.length > 0 ? [['Asked for, not granted', missing.join(' ')] as const] : []),
    [
      'Labels',
      Object.entries(labels)
        .map(([key, value]) => `${key}: ${value}`)
        .join(', ') || '—',
    ],
    ['Renewal', connection.renewal.replaceAll('_', ' ')],
    ['Generation', String(connection.generation)],
    ['Access token ends', <Time key="a" at={connection.access_token_expires_at} />],
    ['Refresh token ends', <Time key="r" at={connection.refresh_token_expires_at} none="not known" />],
    ['Last renewed', <Time key="l" at={connection.last_renewed_at} none="never" />],
    ['Next renewal', <Time key="n" at={connection.next_renewal_at} none="when its token is read" />],
  ] as const;
  return (
    <dl className="facts">
      {facts.map(([name, value]) => (
        <div key={name} className="fact">
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
