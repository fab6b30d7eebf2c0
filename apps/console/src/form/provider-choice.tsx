import { NativeSelect, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Preset, Provider } from '../api/types';

/** A provider, or a preset of one. */
export interface Choice {
  readonly provider: Provider;
  readonly preset: Preset | undefined;
}

/** Providers and presets in one list, narrowed by words. */
export function ProviderChoice({
  providers,
  presets,
  choice,
  onChoose,
}: {
  readonly providers: readonly Provider[];
  readonly presets: readonly Preset[];
  readonly choice: Choice | undefined;
  readonly onChoose: (choice: Choice | undefined) => void;
}) {
  const [words, setWords] = useState('');
  const isWanted = (text: string) => text.toLowerCase().includes(words.trim().toLowerCase());
  const choose = (value: string) => {
    const preset = presets.find(({ id }) => `preset ${id}` === value);
    const provider = providers.find(({ id }) => id === (preset?.provider ?? value));
    onChoose(provider && { provider, preset });
  };
  const chosen = choice && (choice.preset ? `preset ${choice.preset.id}` : choice.provider.id);
  return (
    <>
      <TextInput
        type="search"
        label="Search providers"
        value={words}
        onChange={({ currentTarget }) => setWords(currentTarget.value)}
      />
      <NativeSelect
        label="Provider"
        required
        value={chosen ?? ''}
        onChange={({ currentTarget }) => choose(currentTarget.value)}
        data={[
          { value: '', label: 'Choose…' },
          {
            group: 'Providers',
            items: providers
              .filter(({ id, name }) => id === chosen || isWanted(`${id} ${name}`))
              .map(({ id, name }) => ({ value: id, label: name })),
          },
          {
            group: 'Presets',
            items: presets
              .filter(({ id, title }) => `preset ${id}` === chosen || isWanted(`${id} ${title}`))
              .map(({ id, title }) => ({ value: `preset ${id}`, label: title })),
          },
        ]}
      />
    </>
  );
}
