import { Button, Card, NativeSelect, Stack, Text, TextInput } from '@mantine/core';
import { useNavigate, useParams } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { call } from '../api/client';
import { problemOf } from '../api/problem';
import { useChange, useRead, useSession } from '../api/queries';
import type { Tenant } from '../api/types';
import { BrandingForm } from '../form/branding-form';
import { ConfirmButton } from '../parts/confirm-button';
import { Heading } from '../parts/heading';
import { Loaded } from '../parts/loaded';
import { ProblemAlert } from '../parts/problem-alert';

export function TenantSettings() {
  const { tenant = '' }: { readonly tenant?: string } = useParams({ strict: false });
  const query = useRead<Tenant>(`/v1/tenants/${tenant}`);
  const isPlatform = useSession().data?.role === 'platform_admin';
  return (
    <>
      <Heading
        title="Settings"
        about={isPlatform ? undefined : 'An administrator of the platform changes them.'}
      />
      <Loaded query={query}>
        {(found) => (
          <Stack maw={520}>
            <Settings key={found.id} tenant={found} isPlatform={isPlatform} />
            {isPlatform && <BrandingForm key={`look of ${found.id}`} tenant={found} />}
            {isPlatform && <Danger tenant={found} />}
          </Stack>
        )}
      </Loaded>
    </>
  );
}

const fields = ['name', 'renewal_weight', 'rate_limit_per_second', 'key_rate_limit_per_second'] as const;
const labels = {
  name: ['Name', 'For people'],
  renewal_weight: ['Renewal weight', 'Turns in background renewal beside other tenants, 1 to 100'],
  rate_limit_per_second: ['Requests per second', 'Of all its keys together; empty: no limit'],
  key_rate_limit_per_second: ['Requests per second of each key', 'Empty: no limit'],
} as const;

function Settings({ tenant, isPlatform }: { readonly tenant: Tenant; readonly isPlatform: boolean }) {
  const [texts, setTexts] = useState<Record<string, string>>(() =>
    Object.fromEntries(fields.map((name) => [name, String(tenant[name] ?? '')])),
  );
  const [audit, setAudit] = useState<string>(tenant.audit_reads);
  const change = useChange<object>('PATCH', `/v1/tenants/${tenant.id}`);
  const problem = problemOf(change.error);
  const save = (event: FormEvent) => {
    event.preventDefault();
    const numbers = fields
      .slice(1)
      .map((name) => [name, texts[name] === '' ? null : Number(texts[name])] as const);
    change.mutate({ name: texts['name'], audit_reads: audit, ...Object.fromEntries(numbers) });
  };
  return (
    <form onSubmit={save}>
      <Stack>
        {fields.map((name) => (
          <TextInput
            key={name}
            label={labels[name][0]}
            description={labels[name][1]}
            disabled={!isPlatform}
            inputMode={name === 'name' ? 'text' : 'numeric'}
            value={texts[name] ?? ''}
            error={problem?.about(name)}
            onChange={({ currentTarget: { value } }) => setTexts({ ...texts, [name]: value })}
          />
        ))}
        <NativeSelect
          label="Audit of token reads"
          description="Strict writes each read down before its answer"
          disabled={!isPlatform}
          data={['batched', 'strict']}
          value={audit}
          onChange={({ currentTarget }) => setAudit(currentTarget.value)}
        />
        <ProblemAlert error={change.error} shown={fields} />
        {change.isSuccess && <Text role="status">Saved.</Text>}
        {isPlatform && (
          <Button type="submit" loading={change.isPending}>
            Save
          </Button>
        )}
      </Stack>
    </form>
  );
}

function Danger({ tenant: { id, disabled } }: { readonly tenant: Tenant }) {
  const navigate = useNavigate();
  const change = useChange<object>('PATCH', `/v1/tenants/${id}`);
  return (
    <Card withBorder component="section" aria-label="Disable or delete">
      <Stack align="flex-start">
        {disabled ? (
          <Button size="xs" onClick={() => change.mutate({ disabled: false })}>
            Enable
          </Button>
        ) : (
          <ConfirmButton
            label="Disable"
            consequence="Every key of the tenant is refused within a second, and nothing of it is renewed until it is enabled again."
            act={() => change.mutateAsync({ disabled: true })}
          />
        )}
        <ConfirmButton
          label="Delete tenant"
          name={id}
          consequence="Its connections, grants and keys are shredded: nothing of them opens again. Users must consent anew."
          act={async () => {
            await call('DELETE', `/v1/tenants/${id}`);
            await navigate({ to: '/tenants' });
          }}
        />
      </Stack>
    </Card>
  );
}
