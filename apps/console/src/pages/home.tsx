import { Navigate } from '@tanstack/react-router';
import { useSession } from '../api/queries';

/** A tenant's own key leads to the tenant, a platform key to all of them. */
export function Home() {
  const { data } = useSession();
  if (!data) return null;
  return data.tenant === null ? (
    <Navigate to="/tenants" replace />
  ) : (
    <Navigate to="/tenants/$tenant" params={{ tenant: data.tenant }} replace />
  );
}
