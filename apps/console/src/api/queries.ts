import {
  infiniteQueryOptions,
  QueryCache,
  QueryClient,
  queryOptions,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { call, type Method, withQuery } from './client';
import { Problem } from './problem';
import { readSession, sessionPath } from './read-session';
import type { Page, Session } from './types';

export const queryClient = new QueryClient({
  queryCache: new QueryCache({
    // A session that has ended leads back to the sign-in page, wherever it is noticed.
    onError: (error) => {
      if (error instanceof Problem && error.status === 401) queryClient.setQueryData([sessionPath], null);
    },
  }),
  defaultOptions: {
    queries: {
      retry: (failures, error) => failures < 2 && !(error instanceof Problem && error.status in noUse),
      staleTime: 5_000,
    },
  },
});

/** Statuses that the same question has again. */
const noUse = { 400: true, 401: true, 403: true, 404: true };

/** From now on it is another who is signed in, or nobody: nothing of the one before is kept. */
export function enterSession(session: Session | null): void {
  queryClient.setQueryData([sessionPath], session);
  queryClient.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== sessionPath });
}

/** The session that was asked for before any of this was there. */
export function beginSession(session: Promise<Session | null>): void {
  void queryClient.prefetchQuery({ queryKey: [sessionPath], queryFn: () => session, retry: false });
}

/** Null: nobody is signed in. */
export function useSession() {
  return useQuery({ queryKey: [sessionPath], staleTime: 60_000, queryFn: readSession });
}

/** A question to the API. A route asks it before its page is there. */
export function reading<Answer>(path: string) {
  return queryOptions({ queryKey: [path], queryFn: () => call<Answer>('GET', path) });
}

export function useRead<Answer>(path: string) {
  return useQuery(reading<Answer>(path));
}

/** A list, page by page. */
export function pagesOf<Item>(path: string, query: Readonly<Record<string, string | undefined>> = {}) {
  return infiniteQueryOptions({
    queryKey: [path, query],
    queryFn: ({ pageParam }) => call<Page<Item>>('GET', withQuery(path, { ...query, cursor: pageParam })),
    initialPageParam: '',
    getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
  });
}

export function usePages<Item>(path: string, query?: Readonly<Record<string, string | undefined>>) {
  return useInfiniteQuery(pagesOf<Item>(path, query));
}

/** A change, after which everything that is shown is asked for again. */
export function useChange<Body, Answer = unknown>(method: Method, path: string | ((body: Body) => string)) {
  const client = useQueryClient();
  return useMutation<Answer, Error, Body>({
    mutationFn: (body) =>
      call<Answer>(method, typeof path === 'string' ? path : path(body), bodyOf(method, body)),
    onSettled: () => client.invalidateQueries(),
  });
}

function bodyOf(method: Method, body: unknown): unknown {
  return method === 'DELETE' || body === undefined ? undefined : body;
}
