import test from "ava";
import { observation } from "../testkit/platform/appliance.ts";
import { enrolAt } from "../testkit/platform/enrol.ts";
import { OperatorApi, startPlatform, type TestPlatform } from "../testkit/platform/platform.ts";

let platform: TestPlatform;
test.before(async () => {
  platform = await startPlatform();
});
test.after.always(() => platform.remove());

const enrol = async () => enrolAt(platform);

test("without the token, or with a wrong one, the API reveals nothing", async (t) => {
  for (const token of ["", "wrong", `${platform.operatorToken}x`]) {
    const answer = await new OperatorApi(platform.url, token, platform.dispatcher).request(
      "GET",
      "/appliances",
    );
    t.is(answer.status, 401);
    t.like(answer.body, { error: { code: "not-allowed" } });
  }
});

test("after ten wrong tokens an address is told to wait, and the right one is taken all the same", async (t) => {
  const own = await startPlatform();
  t.teardown(() => own.remove());
  const wrong = new OperatorApi(own.url, "wrong", own.dispatcher);
  const statuses: number[] = [];
  for (let attempt = 0; attempt < 11; attempt++)
    statuses.push((await wrong.request("GET", "/about")).status);
  t.deepEqual(statuses, [...Array<number>(10).fill(401), 429]);
  const right = await own.api.request("GET", "/about");
  t.is(right.status, 200);
  const again = await wrong.request("GET", "/about");
  t.is(again.status, 429, "a right token from there is no amnesty for the wrong ones");
  t.true(Number(again.headers["retry-after"]) > 0);
});

test("a new code tells itself once, then only its beginning", async (t) => {
  const made = await platform.api.makeCode("Paris");
  t.regex(made.code, /^([0-9A-Z]{5}-){3}[0-9A-Z]{5}$/);
  t.is(made.platformUrl, platform.url);
  t.is(Math.round((made.expiresAt - made.createdAt) / 86_400_000), 7);
  const listed = JSON.stringify(await platform.api.codes());
  t.true(listed.includes(made.id));
  t.false(listed.includes(made.code));
});

test("a heartbeat shows in the fleet and on the appliance", async (t) => {
  const appliance = await enrol();
  t.like(
    (await platform.api.appliances()).find(({ id }) => id === appliance.id),
    { state: "never" },
  );
  const before = Date.now();
  await appliance.beat();
  await appliance.inventory();
  const view = await platform.api.appliance(appliance.id);
  t.like(view, {
    state: "online",
    addresses: ["192.0.2.50/24"],
    hostname: "scanner-1",
    heartbeat: { health: { processorCount: 2 } },
    inventory: { kernel: "6.12.0-amd64" },
  });
  t.true((view.lastContactAt ?? 0) >= before);
});

test("a scan with wrong targets is refused with the field and every line of it", async (t) => {
  const appliance = await enrol();
  const scan = {
    applianceId: appliance.id,
    name: "Wrong",
    targets: ["192.0.2.1", "--script=evil", "10.0.0.0/8"],
    exclusions: ["x"],
    profile: "fast",
    ports: "all",
  };
  const answer = await platform.api.request<{
    error: { code: string; fields: Record<string, string> };
  }>("POST", "/scans", scan);
  t.is(answer.status, 422);
  t.is(answer.body.error.code, "scan-targets-invalid");
  t.regex(answer.body.error.fields.targets ?? "", /--script=evil.*10\.0\.0\.0\/8/);
  t.truthy(answer.body.error.fields.exclusions);
});

test("a scan takes both families, and refuses in words what of IPv6 cannot be scanned", async (t) => {
  const appliance = await enrol();
  const scan = {
    applianceId: appliance.id,
    name: "Both",
    targets: ["192.0.2.8/29", "2001:DB8::0/120"],
    exclusions: ["2001:db8::/64"],
    profile: "fast",
    ports: "all",
  };
  const refused = await platform.api.request<{ error: { fields: Record<string, string> } }>(
    "POST",
    "/scans",
    {
      ...scan,
      targets: ["2001:db8::/64", "fe80::1", "ff02::1", "::ffff:192.0.2.1"],
    },
  );
  t.is(refused.status, 422);
  t.regex(
    refused.body.error.fields.targets ?? "",
    /“2001:db8::\/64” is too large.*link-local.*multicast.*write it as IPv4/,
  );
  const taken = await platform.api.request<{ targets: string[]; addressCount: number }>(
    "POST",
    "/scans",
    scan,
  );
  t.is(taken.status, 201);
  t.like(taken.body, {
    targets: ["192.0.2.8/29", "2001:db8::/120"],
    exclusions: ["2001:db8::/64"],
    addressCount: 8,
  });
  const { jobs } = await appliance.jobs();
  t.deepEqual(jobs[0]?.scan.targets, ["192.0.2.8/29", "2001:db8::/120"]);
});

test("hosts of both families are shown in one order: IPv4 by number, then IPv6", async (t) => {
  const appliance = await enrol();
  const scan = await platform.api.startScan({
    applianceId: appliance.id,
    name: "Order",
    targets: ["192.0.2.0/24", "2001:db8::/120"],
  });
  await appliance.jobs();
  await appliance.upload(
    { id: scan.id, attempt: 1 },
    0,
    ["2001:db8::10", "192.0.2.10", "192.0.2.9"].map((address) => observation(address, [22])),
  );
  const { body } = await platform.api.request<{ hosts: { address: string }[] }>(
    "GET",
    `/scans/${scan.id}/results`,
  );
  t.deepEqual(
    body.hosts.map(({ address }) => address),
    ["192.0.2.9", "192.0.2.10", "2001:db8::10"],
  );
});

for (const [what, changes] of [
  ["an unknown appliance", { applianceId: "00000000-0000-4000-8000-000000000000" }],
  ["an appliance id of another form", { applianceId: "nonsense" }],
  ["a profile that does not exist", { profile: "insane" }],
  ["a field that does not exist", { script: "evil" }],
  ["an empty name", { name: " " }],
  ["no targets", { targets: [] }],
  ["targets that are all excluded", { exclusions: ["192.0.2.0/24"] }],
  ["text where a list belongs", { targets: "192.0.2.1" }],
] as const) {
  test(`a scan with ${what} is refused`, async (t) => {
    const appliance = await enrol();
    const scan = {
      applianceId: appliance.id,
      name: "Scan",
      targets: ["192.0.2.1"],
      exclusions: [],
      profile: "normal",
      ports: "all",
      ...changes,
    };
    t.is((await platform.api.request("POST", "/scans", scan)).status, 422);
  });
}

test("what does not exist is answered with 404", async (t) => {
  for (const path of ["/nothing", "/appliances/x", "/scans/x", "/scans/x/results"])
    t.is((await platform.api.request("GET", path)).status, 404, path);
  t.is((await platform.api.request("POST", "/scans/x/stop")).status, 404);
  t.is((await platform.api.request("DELETE", "/appliances/x")).status, 404);
});

test("the interval is kept within its bounds", async (t) => {
  for (const intervalSeconds of [29, 86_401, 60.5, "60", null])
    t.is((await platform.api.request("PUT", "/settings", { intervalSeconds })).status, 422);
  t.deepEqual(await platform.api.changeSettings({ intervalSeconds: 30 }), { intervalSeconds: 30 });
  t.deepEqual(await platform.api.changeSettings({ intervalSeconds: 86_400 }), {
    intervalSeconds: 86_400,
  });
});

test("the directory is public, and about has the same addresses", async (t) => {
  const reply = await platform.dispatcher.request({
    origin: platform.url,
    method: "GET",
    path: "/.well-known/outrider",
  });
  const about = await platform.api.about();
  t.deepEqual(await reply.body.json(), about.directory);
  t.regex(about.certificateAuthority.fingerprint, /^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
  t.true(about.notices.join().includes("https://nmap.org/"));
});

test("OpenAPI describes every route with its request and replies", async (t) => {
  const { body } = await platform.api.request<{
    openapi: string;
    paths: Record<string, Record<string, { summary?: string; responses?: object }>>;
  }>("GET", "/openapi.json");
  t.is(body.openapi, "3.1.0");
  const described = Object.entries(body.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  t.deepEqual(described.sort(), [
    "DELETE /api/appliances/{id}",
    "DELETE /api/content/{kind}/{name}/{version}",
    "GET /api/about",
    "GET /api/activation-codes",
    "GET /api/appliances",
    "GET /api/appliances/{id}",
    "GET /api/appliances/{id}/commands",
    "GET /api/appliances/{id}/machines",
    "GET /api/appliances/{id}/outages",
    "GET /api/commands/{id}",
    "GET /api/commands/{id}/bundle",
    "GET /api/content",
    "GET /api/journal",
    "GET /api/keys",
    "GET /api/scans",
    "GET /api/scans/{id}",
    "GET /api/scans/{id}/results",
    "GET /api/settings",
    "POST /api/activation-codes",
    "POST /api/appliances/{id}/allow-copies",
    "POST /api/appliances/{id}/commands",
    "POST /api/content",
    "POST /api/content/keys/{role}",
    "POST /api/keys/{kind}/roll",
    "POST /api/scans",
    "POST /api/scans/{id}/stop",
    "PUT /api/settings",
  ]);
  for (const methods of Object.values(body.paths))
    for (const { summary, responses } of Object.values(methods))
      t.true(summary !== undefined && responses !== undefined);
});
