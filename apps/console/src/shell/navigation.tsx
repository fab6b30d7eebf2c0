import { Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { Session } from '../api/types';

interface Place {
  readonly to: string;
  readonly label: string;
  /** A connector sees connections, and nothing else. */
  readonly isForConnectors?: boolean;
}

const ofTenant: readonly Place[] = [
  { to: '', label: 'Overview', isForConnectors: true },
  { to: '/connections', label: 'Connections', isForConnectors: true },
  { to: '/credentials', label: 'Client credentials' },
  { to: '/api-keys', label: 'API keys' },
  { to: '/workload-identities', label: 'Workload identities' },
  { to: '/webhooks', label: 'Webhooks' },
  { to: '/audit', label: 'Audit' },
  { to: '/settings', label: 'Settings' },
];

const ofPlatform: readonly Place[] = [
  { to: '/tenants', label: 'Tenants' },
  { to: '/api-keys', label: 'Platform keys' },
  { to: '/audit', label: 'Platform audit' },
  { to: '/keys', label: 'Keys and hold' },
];

export function Navigation({
  session,
  tenant,
}: {
  readonly session: Session;
  readonly tenant: string | undefined;
}) {
  const isPlatform = session.role === 'platform_admin';
  const places = ofTenant.filter(({ isForConnectors }) => session.role !== 'connector' || isForConnectors);
  return (
    <nav className="side" aria-label="Pages">
      {isPlatform && <Places places={ofPlatform} under="" />}
      {tenant !== undefined && (
        <>
          {isPlatform && (
            <Text size="sm" c="dimmed" mt="md" mb={4} px="xs">
              {tenant}
            </Text>
          )}
          <Places places={places} under={`/tenants/${tenant}`} />
        </>
      )}
    </nav>
  );
}

function Places({ places, under }: { readonly places: readonly Place[]; readonly under: string }) {
  return (
    <ul>
      {places.map(({ to, label }) => (
        <li key={to}>
          <Link to={`${under}${to}` as '/'} activeOptions={{ exact: to === '' || under === '' }}>
            {label}
          </Link>
        </li>
      ))}
    </ul>
  );
}
