import type { PageQuery } from "../operator/schemas.ts";
import type { PageOf } from "../store/page.ts";

export function pageOf({ offset, limit }: PageQuery): PageOf {
  return {
    ...(offset === undefined ? {} : { offset: Number(offset) }),
    ...(limit === undefined ? {} : { limit: Number(limit) }),
  };
}
