import type { PageOf } from "../store/store.ts";
import type { PageQuery } from "./schemas.ts";

export function pageOf({ offset, limit }: PageQuery): PageOf {
  return { ...(offset === undefined ? {} : { offset: Number(offset) }), ...(limit === undefined ? {} : { limit: Number(limit) }) };
}
