import type { PageQuery } from "../operator/schemas.ts";
import type { PageOf } from "../store/page.ts";

export function pageOf({ offset, limit }: PageQuery): PageOf {
  return {
    offset: offset === undefined ? undefined : Number(offset),
    limit: limit === undefined ? undefined : Number(limit),
  };
}
