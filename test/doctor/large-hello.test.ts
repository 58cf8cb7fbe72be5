import { createServer } from "node:https";
import test from "ava";
import { HttpTransport } from "../../src/transport/http-transport.ts";
import type { Hello } from "../../src/transport/stages/hello.ts";
import { makeTestAuthority } from "../testkit/proxies/certificates.ts";
import { type HelloFault, startHelloRelay } from "../testkit/proxies/hello-relay.ts";
import { patientLimits } from "../testkit/proxies/patient-limits.ts";
import { configuration, listening, run } from "./surroundings.ts";

const cases: { fault: HelloFault; found: string; detail: RegExp }[] = [
  { fault: "swallows", found: "warning tls-hello-large", detail: /calling home works/ },
  { fault: "resets", found: "warning tls-hello-large", detail: /calling home works/ },
  { fault: "closes", found: "warning tls-hello-large", detail: /calling home works/ },
  { fault: "black-hole", found: "warning path-mtu", detail: /in small packets only/ },
  { fault: "dead", found: "failed tls-silent", detail: /did not answer/ },
  { fault: "none", found: "ok null", detail: /Test Authority/ },
];
for (const { fault, found, detail } of cases) {
  test(`a device that ${fault} the first message of TLS is ${found}`, async (t) => {
    const authority = await makeTestAuthority();
    const { certificate, privateKey } = await authority.issue(["127.0.0.1"]);
    const server = createServer({ cert: certificate, key: privateKey }, (_, reply) => {
      reply.writeHead(200, { "content-type": "application/json" }).end("{}");
    });
    const relay = await startHelloRelay(await listening(t, server), fault);
    t.teardown(() => {
      server.closeAllConnections();
      return relay.close();
    });
    const isSilent = ["swallows", "black-hole", "dead"].includes(fault);
    const limits = { ...patientLimits, ...(isSilent ? { tlsMs: 5000 } : {}) };
    const trust = { certificateAuthorities: [authority.certificate], allowUnknownIssuer: false };
    const results = await run({
      configuration: { ...configuration, platformUrl: `https://127.0.0.1:${relay.port}` },
      transport: (observe, hello?: Hello) =>
        new HttpTransport({ proxy: null, trust: { ...trust, hello }, limits }, observe),
      monotonicMs: () => performance.now(),
    });
    const tls = results.find(({ id }) => id === "tls");
    t.is(`${tls?.outcome} ${tls?.code}`, found);
    t.regex(tls?.detail ?? "", detail);
    const service = results.find(({ check }) => check === "service");
    t.is(service?.outcome, fault === "dead" ? "skipped" : "ok");
  });
}

test("a long first message that was lost by chance is no fault of the path", async (t) => {
  const authority = await makeTestAuthority();
  const { certificate, privateKey } = await authority.issue(["127.0.0.1"]);
  const server = createServer({ cert: certificate, key: privateKey }, (_, reply) => {
    reply.writeHead(200, { "content-type": "application/json" }).end("{}");
  });
  const relay = await startHelloRelay(await listening(t, server), "resets");
  t.teardown(() => {
    server.closeAllConnections();
    return relay.close();
  });
  const trust = { certificateAuthorities: [authority.certificate], allowUnknownIssuer: false };
  const results = await run({
    configuration: { ...configuration, platformUrl: `https://127.0.0.1:${relay.port}` },
    transport: (observe, hello?: Hello) => {
      if (hello === "large") relay.fault = "none";
      const options = { proxy: null, trust: { ...trust, hello }, limits: patientLimits };
      return new HttpTransport(options, observe);
    },
  });
  t.is(results.find(({ id }) => id === "tls")?.outcome, "ok");
});
