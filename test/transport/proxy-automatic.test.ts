import test from "ava";
import fc from "fast-check";
import { systemClock } from "../../src/base/clock.ts";
import { OutriderError } from "../../src/base/messages/error.ts";
import type { ErrorCode } from "../../src/base/messages/error-codes.ts";
import { systemRandom } from "../../src/base/random.ts";
import { say } from "../../src/transport/proxy/authentication.ts";
import { automaticAuthentication } from "../../src/transport/proxy/automatic.ts";
import { parseChallenges } from "../../src/transport/proxy/challenges.ts";
import type { NegotiateToken } from "../../src/transport/proxy/negotiate.ts";
import { type SchemeOfProxy, schemes } from "../../src/transport/proxy/schemes.ts";
import {
  basicGate,
  digestGate,
  negotiateGate,
  ntlmGate,
  type ProxyGate,
} from "../testkit/proxies/logins.ts";
import { startWay } from "../testkit/proxies/way.ts";

const known = { user: "scanner", password: "hush-hush" };
const gates = {
  basic: () => basicGate(known),
  md5: () => digestGate({ ...known, algorithm: "MD5" }),
  sha256: () => digestGate({ ...known, algorithm: "SHA-256" }),
  ntlm: () => ntlmGate({ ...known, domain: "LAB" }),
  negotiate: () => negotiateGate(["dGlja2V0"]),
};
const helper: NegotiateToken = async () => "dGlja2V0";
const noTicket: NegotiateToken = async () => {
  throw new OutriderError("proxy-helper-failed", { detail: "no ticket" });
};
const make = (
  negotiateToken: NegotiateToken | null = null,
  credentials: typeof known | null = known,
) => automaticAuthentication({ credentials, negotiateToken }, systemRandom, systemClock);
const password = Buffer.from(`${known.user}:${known.password}`).toString("base64");

async function start(offered: readonly ProxyGate[]) {
  const way = await startWay({ kind: "gates", gates: offered });
  const said = () =>
    way.proxy.requests.map((head) => /^Proxy-Authorization: (\w+)/im.exec(head)?.[1] ?? "none");
  const clear = () => way.proxy.requests.some((head) => head.includes(password));
  return { way, said, clear };
}

const choices: {
  offered: (keyof typeof gates)[];
  token?: NegotiateToken;
  said: string[];
  agreed: RegExp;
}[] = [
  { offered: ["basic"], said: ["none", "Basic"], agreed: /, basic$/ },
  { offered: ["basic", "md5"], said: ["none", "Digest"], agreed: /, digest MD5$/ },
  { offered: ["md5", "basic", "sha256"], said: ["none", "Digest"], agreed: /, digest SHA-256$/ },
  {
    offered: ["basic", "md5", "sha256", "ntlm"],
    said: ["none", "NTLM", "NTLM"],
    agreed: /, ntlm$/,
  },
  { offered: ["basic", "ntlm", "negotiate"], said: ["none", "NTLM", "NTLM"], agreed: /, ntlm$/ },
  {
    offered: ["basic", "ntlm", "negotiate"],
    token: helper,
    said: ["none", "Negotiate"],
    agreed: /, negotiate$/,
  },
  {
    offered: ["basic", "negotiate", "ntlm"],
    token: noTicket,
    said: ["none", "NTLM", "NTLM"],
    agreed: /, ntlm$/,
  },
  {
    offered: ["negotiate", "md5"],
    token: async () => "d3Jvbmc=",
    said: ["none", "Negotiate", "Digest"],
    agreed: /, digest MD5$/,
  },
];
for (const { offered, token, said: expected, agreed } of choices) {
  test(`of ${offered.join(", ")}${token ? " with a helper" : ""}${token === noTicket ? " that has no ticket" : ""} it says ${expected.join(", ")}`, async (t) => {
    const { way, said, clear } = await start(offered.map((each) => gates[each]()));
    t.teardown(way.close);
    const { error, stages } = await way.probe(way.through(make(token)));
    t.is(error, null);
    t.deepEqual(said(), expected);
    t.is(clear(), expected.includes("Basic"));
    t.regex(stages.find(({ stage }) => stage === "proxy")?.detail ?? "", agreed);
  });
}

for (const [offered, expected] of [
  ["ntlm", ["none", "NTLM", "NTLM", "NTLM", "NTLM"]],
  ["sha256", ["none", "Digest", "Digest"]],
  ["negotiate", ["none", "Negotiate", "Negotiate"]],
  ["basic", ["none", "Basic", "none", "Basic"]],
] as const) {
  test(`${offered} that worked is remembered for the next tunnel${offered === "basic" ? ", but never sent unasked" : ""}`, async (t) => {
    const { way, said } = await start([gates[offered]()]);
    t.teardown(way.close);
    const through = way.through(make(helper));
    t.is((await way.probe(through)).error, null);
    t.is((await way.probe(through)).error, null);
    t.deepEqual(said(), expected);
  });
}

test("when the proxy changes what it offers, the next tunnel follows", async (t) => {
  const { way, said } = await start([gates.ntlm()]);
  t.teardown(way.close);
  const through = way.through(make());
  t.is((await way.probe(through)).error, null);
  way.proxy.mode = { kind: "gates", gates: [gates.sha256()] };
  t.is((await way.probe(through)).error, null);
  t.deepEqual(said(), ["none", "NTLM", "NTLM", "NTLM", "Digest"]);
});

test("when the ticket runs out, the next tunnel takes the next scheme", async (t) => {
  const { way, said } = await start([gates.negotiate(), gates.ntlm()]);
  t.teardown(way.close);
  let tickets = 1;
  const through = way.through(
    make((principal, signal) =>
      tickets-- > 0 ? helper(principal, signal) : noTicket(principal, signal),
    ),
  );
  t.is((await way.probe(through)).error, null);
  t.is((await way.probe(through)).error, null);
  t.deepEqual(said(), ["none", "Negotiate", "none", "NTLM", "NTLM"]);
});

test("a wrong password is sent by one scheme only, and never in the clear", async (t) => {
  const { way, said, clear } = await start([
    ntlmGate({ ...known, password: "other", domain: "LAB" }),
    gates.sha256(),
    gates.basic(),
  ]);
  t.teardown(way.close);
  const { error } = await way.probe(way.through(make()));
  t.is(error?.code, "proxy-authentication-failed");
  t.is(error?.detail, "it offers ntlm, digest, basic");
  t.deepEqual(said(), ["none", "NTLM", "NTLM"]);
  t.false(clear() || `${error?.stack}`.includes(known.password));
});

const unanswerable: {
  title: string;
  challenges: string[];
  token?: NegotiateToken;
  credentials?: null;
  code: ErrorCode;
  detail: RegExp;
}[] = [
  {
    title: "a Digest that cannot be answered does not bring the password into the clear",
    challenges: ['Digest realm="x", nonce="y", qop="auth-int"', "Basic"],
    code: "proxy-challenge-unsupported",
    detail: /auth-int only; it offers digest, basic/,
  },
  {
    title: "a missing ticket does not either",
    challenges: ["Negotiate", "Basic"],
    token: noTicket,
    code: "proxy-helper-failed",
    detail: /no ticket; it offers negotiate, basic/,
  },
  {
    title: "a challenge that cannot be read to its end holds Basic back",
    challenges: ['Basic realm="Corporate'],
    code: "proxy-challenge-unsupported",
    detail: /basic, which shows the password, is used only where it is set; it offers basic/,
  },
  {
    title: "so does a better scheme without the comma before it",
    challenges: ["Basic realm=Corporate NTLM"],
    code: "proxy-challenge-unsupported",
    detail: /cannot be read/,
  },
  {
    title: "so does what stands in another field",
    challenges: ["Basic", 'realm="no scheme before it"'],
    code: "proxy-challenge-unsupported",
    detail: /cannot be read/,
  },
  {
    title: "so do more offers than are read",
    challenges: [Array.from({ length: 30 }, () => "Basic").join(", ")],
    code: "proxy-challenge-unsupported",
    detail: /cannot be read/,
  },
  {
    title: "unknown schemes are named",
    challenges: ["Bearer", "Negotiate"],
    code: "proxy-scheme-unsupported",
    detail: /bearer, negotiate/,
  },
  {
    title: "a proxy that wants a login is named where none is set",
    challenges: ["NTLM"],
    credentials: null,
    code: "proxy-authentication-required",
    detail: /ntlm/,
  },
];
for (const { title, challenges, token, credentials, code, detail } of unanswerable) {
  test(title, async (t) => {
    const way = await startWay({ kind: "offer", challenges });
    t.teardown(way.close);
    const { error } = await way.probe(way.through(make(token, credentials)));
    t.is(error?.code, code);
    t.regex(error?.detail ?? "", detail);
    t.is(way.proxy.requests.length, 1);
  });
}

const malformed: { field: string; says: string[] }[] = [
  { field: "Basic realm=Corporate Web Proxy, NTLM", says: ["none", "NTLM"] },
  { field: 'Basic realm="Corporate, NTLM', says: ["none", "NTLM"] },
  { field: "Negotiate, Basic realm=Corp (Web) Proxy, NTLM", says: ["none", "NTLM"] },
  {
    field: 'Basic realm=Müller GmbH, Digest realm="x", nonce="n", qop="auth"',
    says: ["none", "Digest"],
  },
  { field: 'Basic realm="CORP\\", NTLM', says: ["none", "NTLM"] },
  { field: 'Basic realm="say "hello", Digest realm=x, nonce=n=', says: ["none", "Digest"] },
  { field: "Basic realm='Corp Proxy', NTLM", says: ["none", "NTLM"] },
  { field: "Basic NTLM", says: ["none", "NTLM"] },
  { field: 'Digest realm="x", qop=auth,auth-int, nonce="abc", Basic', says: ["none", "Digest"] },
  { field: 'Basic realm="x" charset="UTF-8"', says: ["none", "Basic"] },
  { field: "Basic realm=Corporate Web Proxy", says: ["none", "Basic"] },
];
for (const { field, says } of malformed) {
  test(`asked ${field}, automatic says ${says.at(-1)}`, async (t) => {
    const way = await startWay({ kind: "offer", challenges: [field] });
    t.teardown(way.close);
    await way.probe(way.through(make()));
    const sent = way.proxy.requests.map(
      (head) => /^Proxy-Authorization: (\w+)/im.exec(head)?.[1] ?? "none",
    );
    t.deepEqual(sent.slice(0, 2), says);
    t.is(sent.includes("Basic"), says.includes("Basic"));
  });
}

test("with any challenges in any order the exchange ends, and Basic is sent only where nothing better was offered", async (t) => {
  const field = fc.constantFrom(
    "Basic",
    "Basic realm=Corp NTLM",
    "NTLM",
    "NTLM bm90IG50bG0=",
    "Negotiate",
    "Negotiate bW9yZQ==",
    "Bearer",
    'Digest realm="a", nonce="b", qop="auth"',
    'Digest realm="a", nonce="c", qop="auth", stale=true, algorithm=SHA-256',
    'Digest realm="a", nonce="d", qop="auth-int"',
    "Digest",
  );
  const demand = fc.record({
    fields: fc.array(field, { maxLength: 4 }),
    sameConnection: fc.boolean(),
  });
  const target = { authority: "platform.example.org:443", proxyHost: "proxy.example.org" };
  let basics = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(demand, { minLength: 1, maxLength: 6 }),
      fc.boolean(),
      async (demands, withHelper) => {
        const authentication = make(withHelper ? helper : null);
        const better = withHelper ? /^(NTLM|Digest|Negotiate)/ : /^(NTLM|Digest)/;
        for (let exchange = 0; exchange < 2; exchange++) {
          const login = authentication.begin(target);
          const offered: string[] = [];
          let step = await login.next(null, new AbortController().signal);
          let rounds = 0;
          for (; step.kind === "say"; rounds++) {
            t.true(rounds < 12, "it ends by itself");
            if (step.authorization?.startsWith("Basic ")) {
              basics++;
              t.false(offered.some((each) => better.test(each)));
              t.true(offered.includes("Basic"));
              t.false(offered.includes("Basic realm=Corp NTLM"));
            }
            const asked = demands[rounds % demands.length] ?? { fields: [], sameConnection: true };
            offered.push(...asked.fields);
            step = await login.next(
              { ...parseChallenges(asked.fields), sameConnection: asked.sameConnection },
              new AbortController().signal,
            );
          }
          t.false(JSON.stringify(step).includes(known.password));
        }
      },
    ),
    { numRuns: 300 },
  );
  t.true(basics > 0);
});

test("of several schemes that show the password the first that the proxy offers is taken", async (t) => {
  const { basic } = schemes;
  const token: SchemeOfProxy = {
    showsPassword: true,
    make: () => ({
      scheme: "none",
      begin: () => ({ next: () => say("Token x"), accepted: () => "token" }),
    }),
  };
  const { way, said } = await start([gates.basic()]);
  t.teardown(way.close);
  const authentication = automaticAuthentication(
    { credentials: known, negotiateToken: null },
    systemRandom,
    systemClock,
    [token, basic],
  );
  t.is((await way.probe(way.through(authentication))).error, null);
  t.deepEqual(said(), ["none", "Basic"]);
});
