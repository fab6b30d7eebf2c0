import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { call } from '../api/client';
import { problemOf } from '../api/problem';
import type { Credential, JsonSchema, PendingConnection, Provider } from '../api/types';
import { askConsent } from '../consent/ask-consent';
import { ProblemAlert } from '../parts/problem-alert';
import { valuesOf } from './field-value';
import { grantForms } from './grant-fields';
import { SchemaFields } from './schema-fields';

const common = [
  ['id', 'Id', 'In your own words; made up where it is left empty'],
  ['subject', 'Subject', 'Whose authorisation it is, in your own words'],
  ['scope', 'Scope', 'With a space between each; empty: the default of the provider'],
] as const;

export function NewConnectionForm({
  tenant,
  credentials,
  providers,
  chosen,
  onMade,
}: {
  readonly tenant: string;
  /** None: the caller may not see them, and names theirs. */
  readonly credentials: readonly Credential[];
  readonly providers: readonly Provider[];
  readonly chosen: string | undefined;
  readonly onMade: (connection: PendingConnection) => void;
}) {
  const [credential, setCredential] = useState(chosen ?? credentials[0]?.id ?? '');
  const [grant, setGrant] = useState('');
  const [texts, setTexts] = useState<Record<string, string>>({});
  const [own, setOwn] = useState<Record<string, string>>({});
  const client = useQueryClient();
  const path = `/v1/tenants/${tenant}/connections`;
  const create = useMutation<PendingConnection, Error, object>({
    mutationFn: (body) =>
      taken === 'authorization_code' && !('return_url' in body)
        ? askConsent(tenant, path, body)
        : call('POST', path, body),
    onSettled: () => client.invalidateQueries(),
  });
  const problem = problemOf(create.error);
  const provider = providers.find(
    ({ id }) => id === credentials.find((one) => one.id === credential)?.provider,
  );
  const grants = provider?.grants ?? (credentials.length === 0 ? Object.keys(grantForms) : []);
  const taken = grants.includes(grant) ? grant : (grants[0] ?? '');
  const schema: JsonSchema = grantForms[taken]?.schema ?? {};
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const given = Object.entries(texts).filter(([, text]) => text !== '');
    const body = {
      credential,
      grant: taken,
      ...Object.fromEntries(given),
      ...valuesOf(schema.properties ?? {}, own),
    };
    create.mutate(body, { onSuccess: onMade });
  };
  return (
    <form onSubmit={submit} className="form" aria-label="New connection">
      {credentials.length === 0 ? (
        <TextInput
          label="Client credentials"
          description="Their id; an administrator knows it"
          required
          value={credential}
          error={problem?.about('credential')}
          onChange={({ currentTarget }) => setCredential(currentTarget.value)}
        />
      ) : (
        <NativeSelect
          label="Client credentials"
          required
          data={credentials.map(({ id, provider: of }) => ({ value: id, label: `${id} (${of})` }))}
          value={credential}
          error={problem?.about('credential')}
          onChange={({ currentTarget }) => setCredential(currentTarget.value)}
        />
      )}
      <NativeSelect
        label="Grant"
        required
        data={grants.map((id) => ({ value: id, label: grantForms[id]?.title ?? id }))}
        value={taken}
        error={problem?.about('grant')}
        onChange={({ currentTarget }) => setGrant(currentTarget.value)}
      />
      <SchemaFields schema={schema} within="" texts={own} problem={problem} onChange={setOwn} />
      {common.map(([name, label, description]) => (
        <TextInput
          key={name}
          label={label}
          description={description}
          value={texts[name] ?? ''}
          error={problem?.about(name)}
          onChange={({ currentTarget: { value } }) => setTexts({ ...texts, [name]: value })}
        />
      ))}
      <ProblemAlert
        error={create.error}
        shown={['credential', 'grant', 'id', 'subject', 'scope', ...Object.keys(schema.properties ?? {})]}
      />
      <Button type="submit" loading={create.isPending}>
        Connect
      </Button>
    </form>
  );
}
