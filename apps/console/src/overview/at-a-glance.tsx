import { useRead } from '../api/queries';
import type { EndingGrant, UpstreamHealth } from '../api/types-of-operations';
import { Loaded } from '../parts/loaded';
import { Ends } from './ends';
import { ProviderHealth } from './provider-health';

interface Overview {
  readonly ending: readonly EndingGrant[];
  readonly upstreams: readonly UpstreamHealth[];
}

/** The parts of the overview that one question to the API brings. */
export function AtAGlance({ tenant }: { readonly tenant: string }) {
  const query = useRead<Overview>(`/v1/tenants/${tenant}/overview`);
  return (
    <Loaded query={query}>
      {({ ending, upstreams }) => (
        <>
          <Ends tenant={tenant} ending={ending} />
          <ProviderHealth upstreams={upstreams} />
        </>
      )}
    </Loaded>
  );
}
