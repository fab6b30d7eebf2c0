import { Text } from '@mantine/core';
import type { Branding } from '../api/types';
import { readableOn } from './readable-on';

/** The bar as it will be; the page below it has no say in it. */
export function BrandingPreview({ branding, name }: { readonly branding: Branding; readonly name: string }) {
  if (Object.keys(branding).length === 0) return null;
  const colour = /^#[0-9a-f]{6}$/i.test(branding.colour ?? '') ? (branding.colour ?? '') : '#ffffff';
  return (
    <figure className="preview" aria-label="Preview">
      <div className="brand" style={{ background: colour, color: readableOn(colour) }}>
        {branding.logo !== undefined && <img alt="" src={branding.logo} />}
        <span>{branding.name ?? name}</span>
      </div>
      <div className="brand-page">
        <Text fw={700} size="lg">
          Connected
        </Text>
        <Text>You can close this window.</Text>
      </div>
    </figure>
  );
}
