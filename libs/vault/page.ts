import { type FindOptionsWhere, MoreThan, type ObjectLiteral, type Repository } from 'typeorm';

export interface PageRequest {
  /** 1 to 200. */
  readonly limit: number;
  /** Row id the page starts after; absent for the first page. */
  readonly afterId?: string | undefined;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Row id to pass as `afterId` for the next page; null on the last. */
  readonly nextAfterId: string | null;
}

/** One page in order of creation. */
export async function findPage<T extends ObjectLiteral & { id: string }>(
  repository: Repository<T>,
  where: FindOptionsWhere<T>,
  page: PageRequest,
): Promise<Page<T>> {
  const rows = await repository.find({
    where: page.afterId === undefined ? where : { ...where, id: MoreThan(page.afterId) },
    order: { id: 'ASC' },
    take: page.limit + 1,
  } as Parameters<typeof repository.find>[0]);
  return pageOf(rows, page);
}

/** @param rows those of the page, and one more where there is one */
export function pageOf<T extends { id: string }>(rows: readonly T[], { limit }: PageRequest): Page<T> {
  const items = rows.slice(0, limit);
  return { items, nextAfterId: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
}
