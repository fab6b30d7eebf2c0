import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router';
import { pagesOf, queryClient, reading } from './api/queries';
import { readingConnections } from './overview/read-connections';
import { Home } from './pages/home';
import { Overview } from './pages/overview';
import { Tenants } from './pages/tenants';
import { Shell } from './shell/shell';

const root = createRootRoute({
  component: Shell,
  notFoundComponent: lazyRouteComponent(() => import('./pages/not-found'), 'NotFound'),
});

/** Each page is a file of its own, fetched when somebody goes there; but not those that people see first. */
const home = createRoute({
  getParentRoute: () => root,
  path: '/',
  component: Home,
});
const tenants = createRoute({
  getParentRoute: () => root,
  path: '/tenants',
  component: Tenants,
  loader: () => {
    void queryClient.prefetchInfiniteQuery(pagesOf('/v1/tenants'));
    void queryClient.prefetchQuery(reading('/v1/overview'));
  },
});
const platformKeys = createRoute({
  getParentRoute: () => root,
  path: '/api-keys',
  component: lazyRouteComponent(() => import('./pages/api-keys'), 'PlatformKeys'),
});
const platformAudit = createRoute({
  getParentRoute: () => root,
  path: '/audit',
  component: lazyRouteComponent(() => import('./pages/audit'), 'PlatformAudit'),
});
const keys = createRoute({
  getParentRoute: () => root,
  path: '/keys',
  component: lazyRouteComponent(() => import('./pages/keys'), 'Keys'),
});
const overview = createRoute({
  getParentRoute: () => root,
  path: '/tenants/$tenant',
  component: Overview,
  loader: ({ params: { tenant } }) => {
    void queryClient.prefetchQuery(readingConnections(tenant));
    void queryClient.prefetchQuery(reading(`/v1/tenants/${tenant}/overview`));
  },
});
const settings = createRoute({
  getParentRoute: () => root,
  path: '/tenants/$tenant/settings',
  component: lazyRouteComponent(() => import('./pages/tenant-settings'), 'TenantSettings'),
});
const credentials = createRoute({
  getParentRoute: () => root,
  path: '/tenants/$tenant/credentials',
  component: lazyRouteComponent(() => import('./pages/credentials'), 'Credentials'),
});
const newCredential = createRoute({
  getParentRoute: () => root,
  path: '/tenants/$tenant/credentials/new',
  component: lazyRouteComponent(() => import('./pages/new-credential'), 'NewCredential'),
});
const connections = createRoute({
  getParentRoute: () => root,
  path: '/tenants/$tenant/connections',
  component: lazyRouteComponent(() => import('./pages/connections'), 'Connections'),
});
const newConnection = createRoute({
  getParentRoute: () => root,
  path: '/tenants/$tenant/connections/new',
  validateSearch: textsIn('credential'),
  component: lazyRouteComponent(() => import('./pages/new-connection'), 'NewConnection'),
});
const connection = createRoute({
  getParentRoute: () => root,
  path: '/tenants/$tenant/connections/$id',
  component: lazyRouteComponent(() => import('./pages/connection'), 'ConnectionPage'),
});
const returned = createRoute({
  getParentRoute: () => root,
  path: '/tenants/$tenant/returned',
  validateSearch: textsIn('connection', 'status', 'confirmation_code'),
  component: lazyRouteComponent(() => import('./pages/returned'), 'Returned'),
});
const importPage = createRoute({
  getParentRoute: () => root,
  path: '/tenants/$tenant/import',
  component: lazyRouteComponent(() => import('./pages/import'), 'Import'),
});
const apiKeys = createRoute({
  getParentRoute: () => root,
  path: '/tenants/$tenant/api-keys',
  component: lazyRouteComponent(() => import('./pages/api-keys'), 'TenantKeys'),
});
const webhooks = createRoute({
  getParentRoute: () => root,
  path: '/tenants/$tenant/webhooks',
  component: lazyRouteComponent(() => import('./pages/webhooks'), 'Webhooks'),
});
const deliveries = createRoute({
  getParentRoute: () => root,
  path: '/tenants/$tenant/webhooks/$webhook',
  component: lazyRouteComponent(() => import('./pages/deliveries'), 'Deliveries'),
});
const workloads = createRoute({
  getParentRoute: () => root,
  path: '/tenants/$tenant/workload-identities',
  component: lazyRouteComponent(() => import('./pages/workload-identities'), 'WorkloadIdentities'),
});
const audit = createRoute({
  getParentRoute: () => root,
  path: '/tenants/$tenant/audit',
  component: lazyRouteComponent(() => import('./pages/audit'), 'TenantAudit'),
});
const signedIn = createRoute({
  getParentRoute: () => root,
  path: '/signed-in',
  component: lazyRouteComponent(() => import('./pages/signed-in'), 'SignedIn'),
});

const routeTree = root.addChildren([
  ...[home, tenants, platformKeys, platformAudit, keys, overview, settings, credentials, newCredential],
  ...[
    connections,
    newConnection,
    connection,
    returned,
    importPage,
    apiKeys,
    webhooks,
    deliveries,
    workloads,
    audit,
    signedIn,
  ],
]);

/** Of the query of an address, what is a text. */
function textsIn<Name extends string>(...names: readonly Name[]) {
  return (search: Record<string, unknown>) =>
    Object.fromEntries(
      names.flatMap((name) => (search[name] === undefined ? [] : [[name, String(search[name])]])),
    ) as Partial<Record<Name, string>>;
}

export const router = createRouter({ routeTree, basepath: '/console', defaultPreload: 'intent' });
