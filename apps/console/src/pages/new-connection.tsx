import { Anchor, Text } from '@mantine/core';
import { Link, useParams, useSearch } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useRead, useSession } from '../api/queries';
import type { Connection, Credential, Page, PendingConnection, Provider } from '../api/types';
import { CallExample } from '../connection/call-example';
import { Consent } from '../consent/consent';
import { NewConnectionForm } from '../form/new-connection-form';
import { Heading } from '../parts/heading';
import { Loaded } from '../parts/loaded';
import { ProblemAlert } from '../parts/problem-alert';
import { StatusBadge } from '../parts/status-badge';

export function NewConnection() {
  const { tenant = '' }: { readonly tenant?: string } = useParams({ strict: false });
  const { credential }: { readonly credential?: string } = useSearch({ strict: false });
  const [made, setMade] = useState<PendingConnection>();
  const providers = useRead<Page<Provider>>('/v1/providers');
  // A connector may not see client credentials, and names theirs.
  const isConnector = useSession().data?.role === 'connector';
  if (made) return <Made tenant={tenant} pending={made} />;
  const form = (credentials: readonly Credential[]) => (
    <Loaded query={providers}>
      {(known) => (
        <NewConnectionForm
          tenant={tenant}
          credentials={credentials}
          providers={known.items}
          chosen={credential}
          onMade={setMade}
        />
      )}
    </Loaded>
  );
  return (
    <>
      <Heading title="New connection" about="One grant at a provider, kept alive from then on." />
      {isConnector ? form([]) : <WithCredentials tenant={tenant}>{form}</WithCredentials>}
    </>
  );
}

function WithCredentials({
  tenant,
  children,
}: {
  readonly tenant: string;
  readonly children: (credentials: readonly Credential[]) => ReactNode;
}) {
  const query = useRead<Page<Credential>>(`/v1/tenants/${tenant}/credentials?limit=200`);
  return (
    <Loaded query={query}>
      {({ items }) =>
        items.length === 0 ? (
          <Text>
            There are no client credentials yet.{' '}
            <Anchor component={Link} underline="always" to={`/tenants/${tenant}/credentials/new` as '/'}>
              Make them first
            </Anchor>
            .
          </Text>
        ) : (
          children(items)
        )
      }
    </Loaded>
  );
}

function Made({ tenant, pending }: { readonly tenant: string; readonly pending: PendingConnection }) {
  const path = `/v1/tenants/${tenant}/connections/${pending.id}`;
  const query = useRead<Connection>(path);
  const connection = query.data ?? pending;
  return (
    <>
      <Heading title={connection.id} />
      <div className="form">
        <div role="status">
          <StatusBadge connection={connection} />
        </div>
        <ProblemAlert error={query.error} />
        {connection.last_error && <Text role="alert">{connection.last_error.remedy}</Text>}
        {connection.status === 'pending' && <Consent tenant={tenant} pending={pending} />}
        {connection.generation > 0 && (
          <>
            <Text>It is connected. A program reads its token so:</Text>
            <CallExample path={path} />
          </>
        )}
      </div>
    </>
  );
}
