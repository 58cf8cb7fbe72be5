import { hosts, services } from "../../../../image/lab/addresses.ts";
import { putFile, startPeer, waitForPort } from "../../../../image/lab/peers.ts";
import { proxyName, proxyPorts } from "../../../../image/lab/peers-proxies.ts";
import type { ProxyLab } from "../proxies.ts";
import { portalFolder } from "./certificates.ts";
import { type Portal, pacPort, portalPorts, tlsProxyPorts } from "./ports.ts";

const page = "<html><body>Please accept the terms of use</body></html>";
const json = (status: number, text: string) =>
  `default_type application/json; location / { return ${status} '${text}'; }`;
const html = (status: number) =>
  `default_type text/html; location / { return ${status} '${page}'; }`;
/** Passes on to the platform, and changes something. */
const between = (change: string) =>
  `location / { proxy_pass https://${hosts.platform.address}; proxy_set_header Host $host; proxy_set_header Accept-Encoding identity; proxy_ssl_server_name on; proxy_ssl_name $host; proxy_ssl_verify off; proxy_request_buffering off; ${change} }`;
const weak = "ssl_ciphers DEFAULT@SECLEVEL=0;";

/** nginx's servers: the certificate's name, "" without TLS, and the rest of its configuration. */
const servers: Partial<Record<Portal, [certificate: string, rest: string]>> = {
  plain: ["", html(200)],
  ownName: ["own", html(200)],
  forged: ["forged", html(200)],
  otherName: ["otherName", html(200)],
  expired: ["expired", html(200)],
  notYet: ["notYet", html(200)],
  shortKey: ["shortKey", `${weak} ${html(200)}`],
  sha1: ["sha1", `${weak} ${html(200)}`],
  authorityExpired: ["authorityExpired", html(200)],
  oldProtocol: ["good", `ssl_protocols TLSv1.1; ${weak} ${html(200)}`],
  refusesHandshake: ["good", `ssl_reject_handshake on; ${html(200)}`],
  error: ["good", json(500, '{"error":"database"}')],
  busy: ["good", json(503, '{"error":"maintenance"}')],
  page: ["good", html(200)],
  forbiddenPage: ["good", html(403)],
  redirect: ["good", "location / { return 302 https://portal.example.com/login; }"],
  unsigned: ["good", json(200, "{}")],
  words: ["good", "default_type text/plain; location / { return 200 'It works'; }"],
  badGateway: ["good", "location / { proxy_pass http://127.0.0.1:9; }"],
  cut: ["good", "location / { return 444; }"],
  stripped: ["good", between("proxy_hide_header Signature; proxy_hide_header Signature-Input;")],
  altered: [
    "good",
    between("sub_filter_types application/json; sub_filter_once off; sub_filter '\":' '\" :';"),
  ],
  smallUploads: ["good", `client_max_body_size 300k; ${between("")}`],
};

/** What PAC files say; all are below http://proxy.outrider.test/. */
export const pacFiles = {
  "right.pac": `return "PROXY ${proxyName}:${proxyPorts.open}";`,
  "dead.pac": 'return "PROXY 198.51.100.99:3128";',
  "dead-then-right.pac": `return "PROXY gone.outrider.test:3128; PROXY ${proxyName}:${proxyPorts.open}";`,
  "dead-then-direct.pac": 'return "PROXY gone.outrider.test:3128; DIRECT";',
  "direct.pac": 'return "DIRECT";',
  "fault.pac": "return undefinedFunction(host);",
  "syntax.pac": "return (;",
  "endless.pac": "for (;;) {}",
  "nothing.pac": 'return "";',
  "socks4.pac": `return "SOCKS4 ${proxyName}:1080";`,
} as const;
export type PacFile = keyof typeof pacFiles;

export async function startPortals({ namespaces }: ProxyLab): Promise<void> {
  const configured = Object.entries(servers).map(([name, [certificate, rest]]) => {
    const port = Object.entries(portalPorts).find(([each]) => each === name)?.[1];
    const tls = certificate === "" ? "" : " ssl";
    const keys =
      certificate === ""
        ? ""
        : `ssl_certificate ${portalFolder}/${certificate}.crt; ssl_certificate_key ${portalFolder}/${certificate}.key; `;
    return `server { listen [::]:${port} ipv6only=off${tls}; ${keys}${rest} }`;
  });
  for (const [name, body] of Object.entries(pacFiles))
    await putFile(
      namespaces,
      `/run/lab/pac/${name}`,
      `function FindProxyForURL(url, host) { ${body} }\n`,
    );
  await putFile(namespaces, "/run/lab/pac/page.pac", page);
  // Whoever has the platform's name lead to this host finds a portal on the platform's port.
  configured.push(
    `server { listen [::]:443 ipv6only=off ssl; ssl_certificate ${portalFolder}/own.crt; ssl_certificate_key ${portalFolder}/own.key; ${html(200)} }`,
  );
  const pac = `server { listen [::]:${pacPort} ipv6only=off; root /run/lab/pac; types { application/x-ns-proxy-autoconfig pac; } }`;
  await putFile(
    namespaces,
    "/run/lab/portal.conf",
    `daemon off; pid /run/portal.pid; error_log stderr; user root; events {}\nhttp { access_log off; client_max_body_size 100m; server_names_hash_bucket_size 128;\n${[...configured, pac].join("\n")}\n}\n`,
  );
  await namespaces.script("mkdir -p /run/lab/peers/var/lib/nginx /run/lab/peers/var/log/nginx");
  const daemon = startPeer(namespaces, "portal", "proxy", ["nginx", "-c", "/run/lab/portal.conf"]);
  await Promise.race([
    waitForPort(namespaces, "proxy", pacPort),
    daemon.ended.then(({ output }) => Promise.reject(new Error(`nginx ended: ${output}`))),
  ]);
}

/** squid that speaks TLS with a certificate that is wrong. */
export const wrongTlsProxies = (folder: string) => [
  `https_port [::]:${tlsProxyPorts.expired} tls-cert=${folder}/proxyExpired.both`,
  `https_port [::]:${tlsProxyPorts.otherName} tls-cert=${folder}/own.both`,
];
export const serviceCount = services.length;
