import { Button, Card, FileInput, Group, Stack, Text, TextInput, Title } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { problemOf } from '../api/problem';
import { useChange } from '../api/queries';
import type { Branding, Tenant } from '../api/types';
import { ProblemAlert } from '../parts/problem-alert';
import { BrandingPreview } from './branding-preview';

const fields = ['branding.name', 'branding.logo', 'branding.colour'];

/** What the users of a tenant see on the pages before and after their consent. */
export function BrandingForm({ tenant }: { readonly tenant: Tenant }) {
  const [branding, setBranding] = useState<Branding>(tenant.branding ?? {});
  const [unread, setUnread] = useState(false);
  const change = useChange<{ readonly branding: Branding | null }>('PATCH', `/v1/tenants/${tenant.id}`);
  const problem = problemOf(change.error);
  const set = (name: keyof Branding, value: string | undefined) => {
    const { [name]: _, ...others } = branding;
    setBranding(value === undefined || value === '' ? others : { ...others, [name]: value });
  };
  const take = async (file: File | null) => {
    setUnread(false);
    set('logo', file ? await dataUriOf(file).catch(() => void setUnread(true)) : undefined);
  };
  const save = (event: FormEvent) => {
    event.preventDefault();
    change.mutate({ branding: Object.keys(branding).length === 0 ? null : branding });
  };
  return (
    <Card withBorder component="section" aria-label="Pages for users">
      <form onSubmit={save}>
        <Stack>
          <Title order={2} size="h4">
            Pages for users
          </Title>
          <Text size="sm" c="dimmed">
            What people see before and after they consent at a provider. Empty: nothing of the tenant.
          </Text>
          <TextInput
            label="Name on the pages"
            description="Empty: the name of the tenant"
            value={branding.name ?? ''}
            error={problem?.about('branding.name')}
            onChange={({ currentTarget: { value } }) => set('name', value)}
          />
          <TextInput
            label="Colour of the bar"
            description="# and six hexadecimal digits; the text on it becomes black or white"
            placeholder="#1864ab"
            value={branding.colour ?? ''}
            error={problem?.about('branding.colour')}
            onChange={({ currentTarget: { value } }) => set('colour', value)}
          />
          <FileInput
            label="Logo"
            description="PNG, JPEG or WebP, 32 KiB at most"
            accept="image/png,image/jpeg,image/webp"
            error={unread ? 'The file cannot be read.' : problem?.about('branding.logo')}
            onChange={take}
          />
          {branding.logo !== undefined && (
            <Group>
              <Button size="xs" variant="default" onClick={() => set('logo', undefined)}>
                Take the logo away
              </Button>
            </Group>
          )}
          <BrandingPreview branding={branding} name={tenant.name} />
          <ProblemAlert error={change.error} shown={fields} />
          {change.isSuccess && <Text role="status">The pages for users are saved.</Text>}
          <Button type="submit" loading={change.isPending}>
            Save the pages for users
          </Button>
        </Stack>
      </form>
    </Card>
  );
}

function dataUriOf(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
}
