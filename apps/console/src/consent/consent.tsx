import { Anchor, Button, Card, Stack, Text } from '@mantine/core';
import type { PendingConnection } from '../api/types';
import { CopyText } from '../parts/copy-text';
import { Time } from '../parts/time';
import { noteBegun } from './own-consents';

/** The part of a connection that is a person's: a link to follow, a code to type, or a telephone to look at. */
export function Consent({
  tenant,
  pending,
}: {
  readonly tenant: string;
  readonly pending: PendingConnection;
}) {
  const { authorization_url: link, user_code: code, expires_at: ends } = pending;
  const page = pending.verification_uri_complete ?? pending.verification_uri;
  return (
    <Card withBorder component="section" aria-label="Consent">
      <Stack align="flex-start">
        {link !== undefined && (
          <>
            <Text>The user must consent at the provider. The link works once, for ten minutes.</Text>
            <Button
              onClick={() => {
                noteBegun(tenant, pending.id);
                openWindow(link);
              }}
            >
              Open the provider’s page
            </Button>
            <Text size="sm">Or send the link to the user:</Text>
            <CopyText text={link} label="Link" />
          </>
        )}
        {code !== undefined && (
          <>
            <Text>The user opens this page and types the code:</Text>
            {page !== undefined && (
              <Anchor href={page} target="_blank" rel="noreferrer" underline="always">
                {pending.verification_uri}
              </Anchor>
            )}
            <output className="code" aria-label="Code">
              {code}
            </output>
          </>
        )}
        {link === undefined && code === undefined && (
          <Text>
            The provider has sent a request to the user’s device. This page shows when it is answered.
          </Text>
        )}
        {ends !== undefined && (
          <Text size="sm" c="dimmed">
            It ends <Time at={ends} />.
          </Text>
        )}
      </Stack>
    </Card>
  );
}

/** The other page gets no hold of this one. */
function openWindow(url: string): void {
  window.open(url, '_blank', 'popup,width=560,height=760,noopener,noreferrer');
}
