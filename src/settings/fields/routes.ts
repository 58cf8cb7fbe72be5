import type { StaticRoute } from "../model/schema.ts";
import { quoted } from "../values/field-value.ts";
import { withOnLink } from "../values/own-network.ts";
import type { InterfaceField } from "./field.ts";

/** As `10.0.0.0/8 via 192.0.2.1`, with `metric 50` behind it if wanted. */
function routeText({ to, via, onLink, metric }: StaticRoute): string {
  return `${to} via ${withOnLink(via, onLink)}${metric === null ? "" : ` metric ${metric}`}`;
}

export const routes = {
  path: "routes",
  form: "network",
  label: "Routes",
  hint: "As 10.0.0.0/8 via 192.0.2.2; several with commas between.",
  help: "Networks that are not behind the gateway: each as network via router, as 10.0.0.0/8 via 192.0.2.2, with commas between. A metric can follow, as metric 50; before it on-link, where the router is outside of the own network.",
  input: { kind: "text", width: 48 },
  text: ({ routes }) => routes.map(routeText).join(", "),
  put: (own, text, typed) => {
    const lines = text.split(/[\n,;]/).flatMap((line) => (line.trim() === "" ? [] : [line.trim()]));
    own.routes = lines.flatMap((line, index): StaticRoute[] => {
      const [, to, via, onLink, metric] =
        /^(\S.*?)\s+via\s+(\S+)(\s+on-?link)?(?:\s+metric\s+(\d{1,10}))?$/i.exec(line) ?? [];
      if (to === undefined || via === undefined) {
        typed.note("route-malformed", { value: quoted(line) }, `.${index}`);
        return [];
      }
      const route = { to, via, metric: metric === undefined ? null : Number(metric) };
      return [onLink === undefined ? route : { ...route, onLink: true }];
    });
  },
  review: { term: "Routes", value: ({ routes }) => routes.map(routeText).join(", ") || "none" },
  needsTrial: true,
  zeroTouch: [
    {
      name: "routes",
      means: "static routes, as `203.0.113.0/24 via 192.0.2.254`, separated by commas",
    },
  ],
  options: [
    {
      name: "routes",
      value: '"NET via GATEWAY"',
      help: "static routes, separated by commas, with `metric N` if wanted",
    },
  ],
} as const satisfies InterfaceField;
