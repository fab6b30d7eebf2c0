import { Loader } from '@mantine/core';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { useRead } from '../api/queries';
import type { Page, Preset, Provider } from '../api/types';
import { CredentialForm } from '../form/credential-form';
import { type Choice, ProviderChoice } from '../form/provider-choice';
import { Heading } from '../parts/heading';
import { Loaded } from '../parts/loaded';

export function NewCredential() {
  const { tenant = '' }: { readonly tenant?: string } = useParams({ strict: false });
  const [choice, setChoice] = useState<Choice>();
  const providers = useRead<Page<Provider>>('/v1/providers');
  const presets = useRead<Page<Preset>>('/v1/presets');
  return (
    <>
      <Heading
        title="New client credentials"
        about="The client id and secret that the provider has given to this tenant."
      />
      <Loaded query={providers}>
        {({ items }) =>
          presets.isPending ? (
            <Loader role="status" aria-label="Loading" />
          ) : (
            <div className="form">
              <ProviderChoice
                providers={items}
                presets={presets.data?.items ?? []}
                choice={choice}
                onChoose={setChoice}
              />
              {choice && (
                <CredentialForm
                  key={`${choice.provider.id} ${choice.preset?.id ?? ''}`}
                  tenant={tenant}
                  choice={choice}
                />
              )}
            </div>
          )
        }
      </Loaded>
    </>
  );
}
