import test from "ava";
import { OutriderError } from "../../src/base/messages/error.ts";
import { PacRoutes } from "../../src/transport/pac/pac-routes.ts";
import type { BypassRule } from "../../src/transport/proxy/bypass.ts";
import { readBypassList } from "../../src/transport/proxy/bypass.ts";
import { noAuthentication } from "../../src/transport/proxy/none.ts";
import type { ProxyOptions } from "../../src/transport/proxy/options.ts";
import {
  directRoute,
  FixedRoutes,
  RouteMemory,
  type Routes,
} from "../../src/transport/routes/routes.ts";
import type { RunStage } from "../../src/transport/stages/stages.ts";
import { FakeClock } from "../testkit/clock.ts";

const platform = { host: "platform.example.org", port: 443 };
const bypassed = { host: "away.example.org", port: 443 };
const proxyAt = ({ host, port }: { host: string; port: number }): ProxyOptions => ({
  kind: "http",
  host,
  port,
  authentication: noAuthentication,
});
const run: RunStage = async (_stage, _limitMs, _over, work) =>
  (await work(new AbortController().signal)).value;
const refused = new OutriderError("connect-refused");

function bypassRules(): readonly BypassRule[] {
  const reading = readBypassList([bypassed.host]);
  return reading.ok ? reading.rules : [];
}

const waysTo = async (routes: Routes) => (await routes.to(platform, run)).map(({ name }) => name);

test("a failure of a target on the bypass list does not mention the PAC file and its routes", async (t) => {
  const clock = new FakeClock();
  const fetches: string[] = [];
  const routes = new PacRoutes({
    url: "http://wpad.example.org/proxy.pac",
    bypass: bypassRules(),
    fallbackToDirect: false,
    clock,
    limitMs: 6000,
    proxyAt,
    fetch: async (url) => {
      fetches.push(url);
      return { text: "the script", ownAddress: "192.0.2.10" };
    },
    evaluate: async () => "DIRECT; PROXY proxy.example.org:8080",
    resolve: async () => ["192.0.2.1"],
    memory: new RouteMemory(() => clock.monotonicMs()),
  });
  t.deepEqual(await waysTo(routes), ["direct", "proxy.example.org:8080"]);
  routes.failed(bypassed, directRoute, refused);
  await clock.advance(60_000);
  t.deepEqual(await waysTo(routes), ["direct", "proxy.example.org:8080"]);
  t.is(fetches.length, 1);
  routes.failed(platform, directRoute, refused);
  t.deepEqual(await waysTo(routes), ["proxy.example.org:8080", "direct"]);
  t.is(fetches.length, 2);
});

test("a target of the bypass list that fails does not make the fallback the worse way", async (t) => {
  const proxy = proxyAt({ host: "proxy.example.org", port: 8080 });
  const routes = new FixedRoutes(
    { proxy, bypass: bypassRules(), fallbackToDirect: true },
    new RouteMemory(() => 0),
  );
  routes.failed(bypassed, directRoute, refused);
  const [through] = await routes.to(platform);
  if (through) routes.failed(platform, through, refused);
  t.deepEqual(await waysTo(routes), ["direct", "proxy.example.org:8080"]);
});
