import { Anchor, Button, Checkbox, Text, TextInput } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { problemOf } from '../api/problem';
import { useChange } from '../api/queries';
import type { Credential, JsonSchema } from '../api/types';
import { returnUrlOf } from '../consent/own-consents';
import { CopyText } from '../parts/copy-text';
import { ProblemAlert } from '../parts/problem-alert';
import { valuesOf } from './field-value';
import type { Choice } from './provider-choice';
import { SchemaFields } from './schema-fields';

type Texts = Record<string, string>;

/** Made of the provider's own schemas: a new provider needs no change here. */
export function CredentialForm({ tenant, choice }: { readonly tenant: string; readonly choice: Choice }) {
  const { provider, preset } = choice;
  const [id, setId] = useState('');
  const [own, setOwn] = useState<Texts>({});
  const [settings, setSettings] = useState<Texts>(() =>
    provider.settings_schema.properties?.['return_urls'] ? { return_urls: returnUrlOf(tenant) } : {},
  );
  const [inputs, setInputs] = useState<Texts>({});
  const [isVerified, setVerified] = useState(true);
  const navigate = useNavigate();
  const create = useChange<object, Credential>(
    'POST',
    `/v1/tenants/${tenant}/credentials${isVerified ? '?verify=true' : ''}`,
  );
  const problem = problemOf(create.error);
  const { required: needed = [], properties = {} } = provider.settings_schema;
  const asked = preset ? [] : needed;
  const more = Object.keys(properties).filter((name) => !asked.includes(name) && !/^preset/.test(name));
  const inputSchema: JsonSchema = {
    properties: preset?.inputs ?? {},
    required: Object.entries(preset?.inputs ?? {}).flatMap(([name, input]) =>
      input.default === undefined ? [name] : [],
    ),
  };
  const shown = [
    'id',
    ...Object.keys(provider.credential_schema.properties ?? {}),
    ...Object.keys(properties).map((name) => `settings.${name}`),
    ...Object.keys(preset?.inputs ?? {}).map((name) => `settings.preset_inputs.${name}`),
  ];
  const ofPreset = preset && {
    preset: preset.id,
    ...(Object.values(inputs).some(Boolean) ? { preset_inputs: inputs } : {}),
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const body = {
      ...(id === '' ? {} : { id }),
      provider: provider.id,
      ...valuesOf(provider.credential_schema.properties ?? {}, own),
      settings: { ...valuesOf(properties, settings), ...ofPreset },
    };
    create.mutate(body, {
      onSuccess: ({ id: credential }) =>
        navigate({
          to: '/tenants/$tenant/connections/new',
          params: { tenant },
          search: { credential },
        }),
    });
  };
  return (
    <form onSubmit={submit} className="form" aria-label="Client credentials">
      {preset?.remark !== undefined && <Text size="sm">{preset.remark}</Text>}
      <Text size="sm">
        <Anchor
          href={(preset ?? provider).documentation_url}
          target="_blank"
          rel="noreferrer"
          size="sm"
          underline="always"
        >
          The documentation of {preset?.title ?? provider.name}
        </Anchor>
      </Text>
      <TextInput
        label="Id"
        description="In your own words; made up where it is left empty"
        value={id}
        error={problem?.about('id')}
        onChange={({ currentTarget }) => setId(currentTarget.value)}
      />
      {provider.grants.includes('authorization_code') && id !== '' && (
        <div>
          <Text size="sm">The redirect URI, to be registered at the provider:</Text>
          <CopyText label="Redirect URI" text={`${window.location.origin}/v1/callback/${tenant}/${id}`} />
        </div>
      )}
      <SchemaFields
        schema={provider.credential_schema}
        within=""
        texts={own}
        problem={problem}
        onChange={setOwn}
      />
      <SchemaFields
        schema={inputSchema}
        within="settings.preset_inputs."
        texts={inputs}
        problem={problem}
        onChange={setInputs}
      />
      <SchemaFields
        schema={provider.settings_schema}
        only={asked}
        within="settings."
        texts={settings}
        problem={problem}
        onChange={setSettings}
      />
      <details open={more.length < 6}>
        <summary>More settings</summary>
        <div className="form">
          <SchemaFields
            schema={provider.settings_schema}
            only={more}
            within="settings."
            texts={settings}
            problem={problem}
            onChange={setSettings}
          />
        </div>
      </details>
      <Checkbox
        label="Try them at the provider before they are saved"
        checked={isVerified}
        onChange={({ currentTarget }) => setVerified(currentTarget.checked)}
      />
      <ProblemAlert error={create.error} shown={shown} />
      <Button type="submit" loading={create.isPending}>
        Save client credentials
      </Button>
    </form>
  );
}
