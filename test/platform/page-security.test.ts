import test from "ava";
import fc from "fast-check";
import { splitTargets } from "../../src/base/addresses/target-spelling.ts";
import { escapeHtml, html } from "../../src/platform/web/parts/html.ts";
import { localPath } from "../../src/platform/web/parts/session.ts";
import { observation } from "../testkit/platform/appliance.ts";
import { enrolAt } from "../testkit/platform/enrol.ts";
import { cookieOf, PageSession } from "../testkit/platform/page-session.ts";
import { startPlatform, type TestPlatform } from "../testkit/platform/platform.ts";

let platform: TestPlatform;
let session: PageSession;
test.before(async () => {
  platform = await startPlatform();
  session = await PageSession.logIn(platform);
});
test.after.always(() => platform.remove());

test("hostile names, hostnames and banners are shown as text", async (t) => {
  const evil = `"><script>alert(1)</script><img src=x onerror='alert(2)'>`;
  const appliance = await enrolAt(platform, { name: evil, hostname: evil });
  await appliance.beat({
    proxy: evil,
    softwareVersion: evil,
    interfaces: [
      {
        name: "<b>eth0</b>",
        role: "lan",
        macAddress: evil,
        linkUp: true,
        addresses: ["<i>192.0.2.1</i>"],
      },
    ],
  });
  const scan = await platform.api.startScan({
    applianceId: appliance.id,
    name: evil,
    targets: ["192.0.2.1"],
  });
  await appliance.jobs();
  const host = observation("192.0.2.1", [22], { hostnames: [evil], macVendor: evil, reason: evil });
  const service = {
    name: evil,
    product: evil,
    version: evil,
    extraInformation: evil,
    tunnel: evil,
    method: "probed" as const,
    confidence: 1,
    cpe: [evil],
  };
  const receipt = await appliance.upload({ id: scan.id, attempt: 1 }, 0, [
    {
      ...host,
      address: evil.slice(0, 50),
      ports: host.ports.map((port) => ({ ...port, service })),
    },
  ]);
  await appliance.complete({ id: scan.id, attempt: 1 }, [receipt.sha256], {
    problems: [{ code: evil.slice(0, 60), detail: evil }],
    engine: { name: evil, version: evil },
  });
  for (const path of [
    "/fleet",
    "/scans",
    "/codes",
    `/appliances/${appliance.id}`,
    `/appliances/${appliance.id}/revoke`,
    `/scans/${scan.id}`,
  ]) {
    const { status, text } = await session.read(path);
    t.is(status, 200, path);
    t.true(text.includes("&lt;script&gt;"), `${path} shows the text`);
    t.notRegex(text, /<script>alert|<img|<b>eth0|<i>192/, path);
  }
});

const contentSecurityPolicy = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  "connect-src 'self'",
  "img-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
];
const securityHeaders = {
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "strict-transport-security": undefined,
};

test("every page forbids foreign and inline code, framing and caching", async (t) => {
  for (const path of ["/fleet", "/log-in", "/nothing/there", "/help/about"]) {
    const { headers, text } = await session.read(path);
    const policy = String(headers["content-security-policy"]).split(/ *; */);
    t.deepEqual(policy, contentSecurityPolicy, path);
    t.like(headers, securityHeaders, path);
    t.is(headers["cache-control"], "no-store", path);
    t.notRegex(text, /<script(?![^>]* src=)|style=|\son\w+=|(?:src|href)="(?:https?:)?\/\//, path);
  }
});

test("without a session there is only the log-in page, which leads back", async (t) => {
  for (const path of ["/fleet", "/scans?appliance=x", "/codes", "/settings", "/help/about"]) {
    const { status, headers } = await new PageSession(platform).read(path);
    t.is(status, 303);
    t.regex(String(headers.location), /^\/log-in/);
  }
  t.is(
    (await session.send("GET", "/live", { cookie: "__Host-outrider=abcdefghijklmnopqrstuvwxyz" }))
      .status,
    401,
  );
  t.is((await session.send("POST", "/codes", { form: "name=x", cookie: "" })).status, 401);
  const page = await new PageSession(platform).read("/log-in?next=%2Fscans%3Fappliance%3Dx");
  t.true(page.text.includes('value="/scans?appliance=x"'));
});

test("the session's cookie is for this host alone, and useless after logging out", async (t) => {
  const wrong = await session.sendToken("wrong");
  t.is(wrong.status, 403);
  t.is(wrong.setCookie, "");
  const right = await session.sendToken(platform.operatorToken, "/settings");
  t.is(right.headers.location, "/settings");
  const [pair = "", ...attributes] = right.setCookie.split("; ");
  t.regex(pair, /^__Host-outrider=[\w-]{43}$/);
  t.deepEqual(attributes.sort(), [
    "HttpOnly",
    "Max-Age=43200",
    "Path=/",
    "SameSite=Strict",
    "Secure",
  ]);
  const cookie = cookieOf(right);
  t.is((await session.send("GET", "/fleet", { cookie })).status, 200);
  const out = await session.send("POST", "/log-out", { form: "", cookie });
  t.regex(out.setCookie, /^__Host-outrider=; .*Max-Age=0/);
  t.is((await session.send("GET", "/fleet", { cookie })).status, 303);
});

test("a form that does not come from this page changes nothing", async (t) => {
  const form = await session.formToken("/codes");
  const count = async () =>
    (await platform.api.codes()).filter(({ name }) => name === "from a form").length;
  for (const [body, headers] of [
    ["name=from+a+form", {}],
    ["name=from+a+form&form=wrong", {}],
    [`name=from+a+form&form=${form}`, { origin: "https://evil.example" }],
    [`name=from+a+form&form=${form}`, { "sec-fetch-site": "cross-site" }],
  ] as const) {
    const { status, headers: replied } = await session.send("POST", "/codes", {
      form: body,
      headers,
    });
    t.deepEqual([status, replied.location], [303, "/fleet"]);
  }
  t.is(await count(), 0);
  t.is(
    (
      await session.send("POST", "/codes", {
        form: `name=from+a+form&form=${form}`,
        headers: { origin: platform.url, "sec-fetch-site": "same-origin" },
      })
    ).status,
    200,
  );
  t.is(await count(), 1);
});

test("a refused scan form keeps all typed texts and shows each problem at its field", async (t) => {
  const { id } = await enrolAt(platform, { name: "Form" });
  const form = await session.formToken("/scans");
  const typed = new URLSearchParams({
    form,
    applianceId: id,
    name: "My <scan>",
    targets: "192.0.2.1\r\n10.0.0.0/8",
    exclusions: "192.0.2.300",
    profile: "gentle",
    ports: "all",
  });
  const { status, text } = await session.send("POST", "/scans", { form: typed });
  t.is(status, 422);
  t.true(text.includes('value="My &lt;scan&gt;"'));
  t.regex(
    text,
    /name="targets"[^>]*aria-invalid="true"[^>]*>\n192\.0\.2\.1\r\n10\.0\.0\.0\/8<\/textarea>/,
  );
  t.regex(text, /id="targets-problem">“10\.0\.0\.0\/8” is too large/);
  t.regex(text, /id="exclusions-problem">“192\.0\.2\.300” is not an IPv4 or IPv6 address/);
  t.regex(text, new RegExp(`value="${id}" selected`));
  t.regex(text, /value="gentle" checked/);
  t.regex(text, /value="all" checked/);
});

test("an interval out of bounds is refused at its field, with what was typed", async (t) => {
  const form = await session.formToken("/settings");
  const { status, text } = await session.send("POST", "/settings", {
    form: { form, intervalSeconds: "29" },
  });
  t.is(status, 422);
  t.regex(text, /value="29"/);
  t.regex(text, /intervalSeconds-problem/);
});

test("no text can leave its place in a page", (t) => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      t.notRegex(
        escapeHtml(text),
        /[<>"'\x00-\x08\u202a-\u202e\u2066-\u2069]|&(?!amp;|lt;|gt;|quot;|#39;)/,
      );
      t.is(
        html`<p title="${text}">${[text]}</p>`.text,
        `<p title="${escapeHtml(text)}">${escapeHtml(text)}</p>`,
      );
    }),
  );
});

test("after the log-in no text leads to another host", (t) => {
  t.is(localPath("/scans/1?page=2"), "/scans/1?page=2");
  const likely = fc.constantFrom(
    "//",
    "/\\",
    "https://",
    "/",
    "@",
    "evil.example",
    "\t",
    "%2f",
    "?x=",
    "#",
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(likely).map((parts) => parts.join("")),
      ),
      (text) => {
        t.is(new URL(localPath(text), "https://platform.test").host, "platform.test");
      },
    ),
  );
});

test("targets are split as people write lists", (t) => {
  t.deepEqual(
    splitTargets(
      " 192.0.2.1, 192.0.2.2;192.0.2.3\r\n192.0.2.10 - 192.0.2.20\n\n10.0.0.0/24 10.1.0.0/24",
    ),
    ["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.10-192.0.2.20", "10.0.0.0/24", "10.1.0.0/24"],
  );
  t.deepEqual(splitTargets("  \n"), []);
});
