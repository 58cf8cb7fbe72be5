/** A proxy's address as it stands in other programs' settings. */
export interface ProxyPlace {
  kind: "http" | "socks5";
  tls: boolean;
  host: string;
  port: string;
}

const schemes = {
  http: { kind: "http", tls: false, port: "80" },
  https: { kind: "http", tls: true, port: "443" },
  socks: { kind: "socks5", tls: false, port: "1080" },
  socks5: { kind: "socks5", tls: false, port: "1080" },
  socks5h: { kind: "socks5", tls: false, port: "1080" },
} as const;

const isScheme = (name: string): name is keyof typeof schemes => Object.hasOwn(schemes, name);

/**
 * Takes `host:port` and `http://host:port` apart. null for a plain host, and for what has more in
 * it, as a path or a log-in: that is judged as it was typed. `present` is for an address without a
 * scheme.
 */
export function splitProxyAddress(
  text: string,
  present: { kind: string; tls: boolean },
): ProxyPlace | null {
  const [, scheme, bracketed, plain, port] =
    /^\s*(?:([a-z0-9]+):\/\/)?(?:\[([\da-f:.]+)\]|([^\s/:@?#[\]]+))(?::(\d{1,5}))?\/?\s*$/i.exec(
      text,
    ) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined) return null;
  if (scheme === undefined)
    return port === undefined
      ? null
      : { kind: present.kind === "socks5" ? "socks5" : "http", tls: present.tls, host, port };
  const name = scheme.toLowerCase();
  return isScheme(name) ? { ...schemes[name], host, port: port ?? schemes[name].port } : null;
}
