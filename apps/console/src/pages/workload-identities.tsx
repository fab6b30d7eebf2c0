import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useParams } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { problemOf } from '../api/problem';
import { useChange } from '../api/queries';
import type { WorkloadIdentity } from '../api/types-of-operations';
import { ConfirmButton } from '../parts/confirm-button';
import { Heading } from '../parts/heading';
import { PagedTable } from '../parts/paged-table';
import { ProblemAlert } from '../parts/problem-alert';

const roles = ['token_reader', 'connector', 'tenant_admin'];

export function WorkloadIdentities() {
  const { tenant = '' }: { readonly tenant?: string } = useParams({ strict: false });
  const path = `/v1/tenants/${tenant}/workload_identities`;
  const remove = useChange<string>('DELETE', (id) => `${path}/${id}`);
  return (
    <>
      <Heading
        title="Workload identities"
        about="JWTs of Kubernetes, CI and other issuers that are taken in the place of an API key."
      />
      <div className="stack">
        <NewWorkloadIdentity path={path} />
        <PagedTable<WorkloadIdentity>
          path={path}
          label="Workload identities"
          empty="There is none yet."
          columns={[
            { header: 'Id', cell: ({ id }) => id },
            { header: 'Issuer', cell: ({ issuer }) => issuer },
            { header: 'Claims', cell: ({ match }) => wordsOf(match) },
            { header: 'Role', cell: ({ role }) => role.replaceAll('_', ' ') },
            {
              header: 'More',
              cell: ({ id }) => (
                <ConfirmButton
                  label={`Delete ${id}`}
                  consequence="Its JWTs are refused within a second."
                  act={() => remove.mutateAsync(id)}
                />
              ),
            },
          ]}
        />
      </div>
    </>
  );
}

function wordsOf(match: WorkloadIdentity['match']): string {
  return Object.entries(match)
    .map(([claim, value]) => `${claim} = ${typeof value === 'string' ? value : `${value.glob} (glob)`}`)
    .join(', ');
}

function NewWorkloadIdentity({ path }: { readonly path: string }) {
  const [given, setGiven] = useState({ issuer: '', sub: '', role: roles[0] ?? '' });
  const create = useChange<object>('POST', path);
  const problem = problemOf(create.error);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const { issuer, sub, role } = given;
    create.mutate({ issuer, role, match: { sub: /[*?]/.test(sub) ? { glob: sub } : sub } });
  };
  return (
    <form onSubmit={submit} aria-label="New workload identity">
      <div className="row">
        <TextInput
          label="Issuer"
          required
          value={given.issuer}
          error={problem?.about('issuer')}
          onChange={({ currentTarget: { value } }) => setGiven({ ...given, issuer: value })}
        />
        <TextInput
          label="Subject (sub); * and ? are a glob"
          required
          value={given.sub}
          error={problem?.about('match.sub')}
          onChange={({ currentTarget: { value } }) => setGiven({ ...given, sub: value })}
        />
        <NativeSelect
          label="Role"
          data={roles.map((id) => ({ value: id, label: id.replaceAll('_', ' ') }))}
          value={given.role}
          onChange={({ currentTarget: { value } }) => setGiven({ ...given, role: value })}
        />
        <Button type="submit" loading={create.isPending}>
          Bind
        </Button>
      </div>
      <ProblemAlert error={create.error} shown={['issuer', 'match.sub']} />
    </form>
  );
}
