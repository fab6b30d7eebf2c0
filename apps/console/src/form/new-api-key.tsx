import { Button, NativeSelect, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { problemOf } from '../api/problem';
import { useChange } from '../api/queries';
import type { ApiKey } from '../api/types-of-operations';
import { ProblemAlert } from '../parts/problem-alert';

export function NewApiKey({
  path,
  roles,
  onMade,
}: {
  readonly path: string;
  readonly roles: readonly string[];
  readonly onMade: (key: ApiKey) => void;
}) {
  const [name, setName] = useState('');
  const [role, setRole] = useState(roles[0] ?? '');
  const [narrowed, setNarrowed] = useState('');
  const create = useChange<object, ApiKey>('POST', path);
  const problem = problemOf(create.error);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const connections = narrowed.split(/[\s,]+/).filter((id) => id !== '');
    create.mutate(
      { name, role, ...(connections.length > 0 ? { connections } : {}) },
      {
        onSuccess: (key) => {
          onMade(key);
          setName('');
        },
      },
    );
  };
  return (
    <form onSubmit={submit} aria-label="New API key">
      <div className="row">
        <TextInput
          label="Name of the new key"
          required
          value={name}
          error={problem?.about('name')}
          onChange={({ currentTarget }) => setName(currentTarget.value)}
        />
        <NativeSelect
          label="Role"
          data={roles.map((id) => ({ value: id, label: id.replaceAll('_', ' ') }))}
          value={role}
          onChange={({ currentTarget }) => setRole(currentTarget.value)}
        />
        {role === 'token_reader' && (
          <TextInput
            label="Only for connections (empty: every one)"
            value={narrowed}
            error={problem?.about('connections')}
            onChange={({ currentTarget }) => setNarrowed(currentTarget.value)}
          />
        )}
        <Button type="submit" loading={create.isPending}>
          Make key
        </Button>
      </div>
      <ProblemAlert error={create.error} shown={['name', 'connections']} />
    </form>
  );
}
