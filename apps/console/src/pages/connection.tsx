import { Alert, Card, Stack, Text, Title } from '@mantine/core';
import { useParams } from '@tanstack/react-router';
import { useRead, useSession } from '../api/queries';
import type { Connection } from '../api/types';
import { CallExample } from '../connection/call-example';
import { ConnectionActs } from '../connection/connection-acts';
import { Facts } from '../connection/facts';
import { History } from '../connection/history';
import { Readers } from '../connection/readers';
import { Heading } from '../parts/heading';
import { Loaded } from '../parts/loaded';
import { StatusBadge } from '../parts/status-badge';
import { Time } from '../parts/time';

export function ConnectionPage() {
  const { tenant = '', id = '' }: { readonly tenant?: string; readonly id?: string } = useParams({
    strict: false,
  });
  const path = `/v1/tenants/${tenant}/connections/${id}`;
  const isAdmin = useSession().data?.role !== 'connector';
  const query = useRead<Connection>(path);
  return (
    <>
      <Heading title={id} />
      <Loaded query={query}>
        {(connection) => (
          <Stack gap="lg">
            <div role="status">
              <StatusBadge connection={connection} />
            </div>
            <LastError connection={connection} />
            <ConnectionActs path={path} connection={connection} tenant={tenant} />
            <Card withBorder component="section" aria-label="Details">
              <Facts connection={connection} />
            </Card>
            {connection.generation > 0 && (
              <section>
                <Title order={2} size="h4" mb="xs">
                  Read its token
                </Title>
                <CallExample path={path} />
              </section>
            )}
            {isAdmin && (
              <section>
                <Title order={2} size="h4" mb="xs">
                  Who has read it
                </Title>
                <Readers path={`${path}/readers`} />
              </section>
            )}
            <section>
              <Title order={2} size="h4" mb="xs">
                History
              </Title>
              <History path={`${path}/events`} />
            </section>
          </Stack>
        )}
      </Loaded>
    </>
  );
}

function LastError({ connection: { last_error: error } }: { readonly connection: Connection }) {
  if (!error) return null;
  const { error: word, error_description: words, status } = error.provider_error ?? {};
  const said = [status, word, words].filter((part) => part !== undefined).join(' · ');
  return (
    <Alert color="red" title={`Last error: ${error.code}`} role="alert">
      <Text size="sm" fw={600}>
        {error.remedy}
      </Text>
      {said !== '' && <Text size="sm">The provider said: {said}</Text>}
      <Text size="sm">
        <Time at={error.at} />, after {error.attempts} {error.attempts === 1 ? 'attempt' : 'attempts'}; next
        attempt <Time at={error.next_attempt_at} none="not planned" />.
      </Text>
    </Alert>
  );
}
