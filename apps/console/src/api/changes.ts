import { useQueryClient } from '@tanstack/react-query';
import { EventSource } from 'eventsource';
import { useEffect } from 'react';
import { ownHeader } from './client';
import { enterSession } from './queries';

/** A page that nobody touches stops asking, so that its session may end; milliseconds. */
const attentiveForMs = 600_000;
/** After which a stream that was refused, as one too many, is asked for again; milliseconds. */
const afterRefusalMs = 30_000;
const signs = ['pointermove', 'keydown', 'scroll'] as const;

/** While the page is looked at, what it shows is asked for anew as soon as the server says that something has changed. */
export function useChanges(tenant: string | undefined): void {
  const client = useQueryClient();
  useEffect(() => {
    if (tenant === undefined) return;
    let source: EventSource | undefined;
    let rest: number | undefined;
    let again: number | undefined;
    const refresh = () => client.invalidateQueries({ refetchType: 'active' });
    const close = () => {
      window.clearTimeout(again);
      again = undefined;
      source?.close();
      source = undefined;
    };
    const listen = () => {
      window.clearTimeout(rest);
      rest = window.setTimeout(close, attentiveForMs);
      if (source || again !== undefined || document.hidden) return;
      source = new EventSource(`/v1/tenants/${encodeURIComponent(tenant)}/changes`, { fetch: asConsole });
      source.addEventListener('open', refresh);
      source.addEventListener('changed', refresh);
      source.addEventListener('error', ({ code }) => {
        if (code === 401) enterSession(null);
        if (source?.readyState !== EventSource.CLOSED) return;
        // Refused, and not tried again by itself.
        source = undefined;
        again = window.setTimeout(() => {
          again = undefined;
          listen();
        }, afterRefusalMs);
      });
    };
    const look = () => (document.hidden ? close() : listen());
    for (const sign of signs) window.addEventListener(sign, listen, { passive: true });
    document.addEventListener('visibilitychange', look);
    listen();
    return () => {
      for (const sign of signs) window.removeEventListener(sign, listen);
      document.removeEventListener('visibilitychange', look);
      window.clearTimeout(rest);
      close();
    };
  }, [tenant, client]);
}

function asConsole(url: string | URL, init: RequestInit): Promise<Response> {
  return fetch(url, { ...init, headers: { ...init.headers, ...ownHeader } });
}
