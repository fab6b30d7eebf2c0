import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { useChange } from '../api/queries';
import type { ApiKey } from '../api/types-of-operations';
import { NewApiKey } from '../form/new-api-key';
import { ConfirmButton } from '../parts/confirm-button';
import { Heading } from '../parts/heading';
import { PagedTable } from '../parts/paged-table';
import { ShownOnce } from '../parts/shown-once';
import { Time } from '../parts/time';

const tenantRoles = ['token_reader', 'connector', 'tenant_admin'];

export function TenantKeys() {
  const { tenant = '' }: { readonly tenant?: string } = useParams({ strict: false });
  return <Keys path={`/v1/tenants/${tenant}/api_keys`} title="API keys" roles={tenantRoles} />;
}

export function PlatformKeys() {
  return <Keys path="/v1/api_keys" title="Platform keys" roles={['platform_admin']} />;
}

function Keys({
  path,
  title,
  roles,
}: {
  readonly path: string;
  readonly title: string;
  readonly roles: readonly string[];
}) {
  const [made, setMade] = useState<ApiKey>();
  const remove = useChange<string>('DELETE', (id) => `${path}/${id}`);
  return (
    <>
      <Heading
        title={title}
        about="Programs call with them. A key is shown when it is made, and never again."
      />
      <div className="stack">
        {made?.key !== undefined && (
          <ShownOnce what={`The key ${made.name}`} text={made.key} done={() => setMade(undefined)} />
        )}
        <NewApiKey path={path} roles={roles} onMade={setMade} />
        <PagedTable<ApiKey>
          path={path}
          label={title}
          empty="There is none yet."
          columns={[
            { header: 'Name', cell: ({ name }) => name },
            { header: 'Role', cell: ({ role }) => role.replaceAll('_', ' ') },
            { header: 'Only for', cell: ({ connections }) => connections?.join(', ') ?? 'every connection' },
            { header: 'Ends', cell: ({ expires_at }) => <Time at={expires_at} none="never" /> },
            { header: 'Made', cell: ({ created_at }) => <Time at={created_at} /> },
            {
              header: 'More',
              cell: ({ id, name }) => (
                <ConfirmButton
                  label={`Revoke ${name}`}
                  name={name}
                  consequence="Programs and browsers that use it are refused within a second."
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
