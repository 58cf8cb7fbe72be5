import { splitOnLink, withOnLink } from "../values/own-network.ts";

interface Routed {
  gateway: string | null;
  onLink?: true;
}

/** The router as it is typed, with `on-link` where it is outside of the own network. */
export function routerText({ gateway, onLink }: Routed, none: string): string {
  return gateway === null ? none : withOnLink(gateway, onLink);
}

export function putRouter(own: Routed, text: string): void {
  const { router, onLink } = splitOnLink(text);
  own.gateway = router.trim() === "" ? null : router;
  if (onLink) own.onLink = true;
  else delete own.onLink;
}
