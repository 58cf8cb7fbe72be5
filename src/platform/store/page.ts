/** The most that one reply lists. */
export const longestPage = 1000;

/** A part of a list that has an order. */
export interface PageOf {
  offset?: number | undefined;
  limit?: number | undefined;
}

interface Pageable<Query> {
  limit(limit: number): Query;
}
interface Offsettable<Query> {
  offset(offset: number): Query;
}

/** Limits a query to a part of its list, at most `longestPage` rows. The query must have an order. */
export function paged<Query extends Pageable<Query> & Offsettable<Query>>(
  query: Query,
  { offset = 0, limit = longestPage }: PageOf = {},
): Query {
  return query.limit(Math.min(limit, longestPage)).offset(offset);
}
