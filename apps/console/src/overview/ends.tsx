import { Anchor, Card, Stack, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { EndingGrant } from '../api/types-of-operations';
import { Time } from '../parts/time';
import { type Ending, endingsOf, placeOf, spans } from './timeline';

const mostShown = 5;

/** Grants by when they end unless a user consents anew: as points in time, and in words in the span that each is in. */
export function Ends({
  tenant,
  ending,
}: {
  readonly tenant: string;
  readonly ending: readonly EndingGrant[];
}) {
  const endings = endingsOf(ending, Date.now());
  return (
    <section>
      <Title order={2} size="h4" mb="sm">
        Grants that end within 90 days
      </Title>
      <Text size="sm" c="dimmed" mb="sm">
        No renewal extends them, or their renewal fails: they end unless a user consents anew.
      </Text>
      {endings.length === 0 ? (
        <Text>None does.</Text>
      ) : (
        <>
          <Timeline endings={endings} />
          <div className="spans">
            {spans.map((days, index) => (
              <Span
                key={days}
                tenant={tenant}
                days={days}
                own={endings.filter(({ span }) => span === index)}
              />
            ))}
          </div>
        </>
      )}
    </section>
  );
}

/** The nearer the end, the more room: each span is as wide as the next. */
function Timeline({ endings }: { readonly endings: readonly Ending[] }) {
  return (
    <div className="timeline" aria-hidden="true">
      {spans.map((days) => (
        <span key={days} />
      ))}
      {endings.map((ending) => (
        <i
          key={ending.connection}
          data-span={ending.span}
          title={`${ending.connection} ${ending.ends_at}`}
          style={{ left: `${(placeOf(ending) * 100).toFixed(2)}%` }}
        />
      ))}
    </div>
  );
}

function Span({
  tenant,
  days,
  own,
}: {
  readonly tenant: string;
  readonly days: number;
  readonly own: readonly Ending[];
}) {
  return (
    <Card withBorder padding="sm">
      <Text fw={600} size="sm">
        Within {days} {days === 1 ? 'day' : 'days'}: {own.length}
      </Text>
      <Stack gap={2}>
        {own.slice(0, mostShown).map(({ connection, ends_at }) => (
          <Text size="sm" key={connection}>
            <Anchor
              component={Link}
              size="sm"
              underline="always"
              to={`/tenants/${tenant}/connections/${connection}` as '/'}
            >
              {connection}
            </Anchor>{' '}
            <Time at={ends_at} />
          </Text>
        ))}
        {own.length > mostShown && <Text size="sm">And {own.length - mostShown} more.</Text>}
      </Stack>
    </Card>
  );
}
