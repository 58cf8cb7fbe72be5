import type { OutriderError } from "../../base/messages/error.ts";
import type { ContentItem } from "../../protocol/schemas/updates.ts";
import type { Target } from "./wanted.ts";

/** A key that is the same for every record of one version of one name. */
export function nameOf({ kind, name, version }: Pick<ContentItem, "kind" | "name" | "version">) {
  return `${kind}/${name}/${version}`;
}

/** A target as console and platform show it. `received` is in bytes. */
export function itemOf(
  { kind, name, version, length }: Pick<Target, "kind" | "name" | "version" | "length">,
  state: ContentItem["state"],
  received: number,
  failure?: Pick<OutriderError, "code" | "told">,
): ContentItem {
  const why = failure
    ? { code: failure.code, ...failure.told, detail: failure.told.detail.slice(0, 500) }
    : {};
  return { kind, name, version, state, length, received, ...why };
}
