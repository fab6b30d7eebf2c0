import { Button, Group, Stack, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { call } from '../api/client';
import { useSession } from '../api/queries';
import type { Connection, PendingConnection } from '../api/types';
import { askConsent } from '../consent/ask-consent';
import { Consent } from '../consent/consent';
import { ConfirmButton } from '../parts/confirm-button';
import { ProblemAlert } from '../parts/problem-alert';

interface Probe {
  readonly alive: boolean | null;
  readonly reason?: string;
}

/** All that can be done with a connection. A connector may not change it. */
export function ConnectionActs({
  path,
  connection,
  tenant,
}: {
  readonly path: string;
  readonly connection: Connection;
  readonly tenant: string;
}) {
  const [words, setWords] = useState('');
  const [consent, setConsent] = useState<PendingConnection>();
  const client = useQueryClient();
  const navigate = useNavigate();
  const isAdmin = useSession().data?.role !== 'connector';
  const act = useMutation({
    mutationFn: async (work: () => Promise<string>) => setWords(await work()),
    onMutate: () => setWords(''),
    onSettled: () => client.invalidateQueries(),
  });
  const renew = async () => {
    await call('POST', `${path}/renew`);
    return 'Renewed.';
  };
  const probe = async () => {
    const { alive, reason } = await call<Probe>('POST', `${path}/probe`);
    if (alive === null) return `The provider has no way to tell (${reason ?? 'unknown'}).`;
    return alive ? 'The provider says the grant lives.' : 'The provider says the grant is dead.';
  };
  const authorize = async () => {
    setConsent(await askConsent(tenant, `${path}/authorize`, {}));
    return '';
  };
  const setPaused = async (paused: boolean) => {
    await call('PATCH', path, { paused });
    return paused ? 'Paused.' : 'It is renewed and read again.';
  };
  const remove = async () => {
    await call('DELETE', path);
    await navigate({ to: '/tenants/$tenant/connections', params: { tenant } });
  };
  return (
    <Stack gap="sm">
      <Group gap="xs">
        {isAdmin && (
          <Button size="xs" onClick={() => act.mutate(renew)} loading={act.isPending}>
            Renew
          </Button>
        )}
        <Button size="xs" variant="default" onClick={() => act.mutate(authorize)}>
          Re-authorise
        </Button>
        <Button size="xs" variant="default" onClick={() => act.mutate(probe)}>
          Probe
        </Button>
        {isAdmin && connection.paused && (
          <Button size="xs" variant="default" onClick={() => act.mutate(() => setPaused(false))}>
            Lift the pause
          </Button>
        )}
        {isAdmin && !connection.paused && (
          <ConfirmButton
            label="Pause"
            consequence="It is not renewed, and programs that read its token are refused until the pause is lifted. Left for too long, its grant may end at the provider."
            act={() => act.mutateAsync(() => setPaused(true))}
          />
        )}
        {isAdmin && (
          <ConfirmButton
            label="Delete connection"
            name={connection.id}
            consequence="The grant is revoked at the provider where that is possible, and forgotten here. Its user must consent anew."
            act={remove}
          />
        )}
      </Group>
      {words !== '' && <Text role="status">{words}</Text>}
      <ProblemAlert error={act.error} />
      {consent?.generation === connection.generation && <Consent tenant={tenant} pending={consent} />}
    </Stack>
  );
}
