import { observation, type TestAppliance } from "../testkit/platform/appliance.ts";
import { enrolAt } from "../testkit/platform/enrol.ts";
import {
  browserTests,
  isMarked,
  markDocument,
  picture,
} from "../testkit/platform/operator-browser.ts";
import { startPlatform } from "../testkit/platform/platform.ts";

const { browserTest, open, operator, platform } = browserTests({
  arguments: ["--ip-range", "198.51.100.0/24"],
});

async function enrol(name: string): Promise<TestAppliance> {
  return enrolAt(platform(), { name, hostname: name.toLowerCase().replace(/\W/g, "-") });
}

browserTest(
  "the story: a code is made, the appliance enrols, a scan is started and its results appear without a reload",
  async (t) => {
    const page = await open(t, "/fleet");
    await picture(page, "01-fleet-empty");
    await page.getByRole("link", { name: "Make an activation code" }).click();
    await page.getByLabel("Name of the appliance").fill("Berlin office");
    await page.getByRole("button", { name: "Make an activation code" }).click();
    const code = ((await page.locator("#activation-code").textContent()) ?? "").trim();
    t.regex(code, /^([0-9A-Z]{5}-){3}[0-9A-Z]{5}$/);
    t.is(await page.locator("#platform-url").textContent(), platform().url);
    await picture(page, "02-code");
    await markDocument(page);
    const appliance = await enrolAt(platform(), { code, hostname: "scanner-1" });
    await page.getByText("has enrolled with this code").waitFor();
    t.true(await isMarked(page), "the code's state changed in place");
    await appliance.inventory();
    await appliance.beat();

    await page.getByRole("link", { name: "Scans" }).click();
    await page.getByLabel("Name", { exact: true }).fill("Office network");
    await page
      .getByLabel("Targets")
      .fill("192.0.2.0/24\n198.51.100.10 - 198.51.100.20\n2001:db8::/120");
    await page.getByLabel("Exclusions").fill("192.0.2.1");
    await picture(page, "03-scan-form");
    await page.getByRole("button", { name: "Start the scan" }).click();
    await page.getByRole("heading", { name: "Office network" }).waitFor();
    await page.getByText("Waiting for the appliance").waitFor();
    await markDocument(page);

    const [job] = (await appliance.jobs()).jobs;
    if (!job) throw new Error("no job was given out");
    t.deepEqual(job.scan.targets, [
      "192.0.2.0/24",
      "198.51.100.10-198.51.100.20",
      "2001:db8::/120",
    ]);
    await page.getByText("Given out").first().waitFor();
    await appliance.acknowledge(job);
    await appliance.beat({
      jobs: [{ jobId: job.id, attempt: 1, state: "running", percent: 37, hostsFound: 2 }],
    });
    await page.getByText("37 %").waitFor();
    const web = observation("192.0.2.10", [22], {
      hostnames: ["web.example.test"],
      macAddress: "52:54:00:AA:BB:01",
      macVendor: "QEMU virtual NIC",
      ports: [
        ...observation("192.0.2.10", [22]).ports,
        {
          protocol: "tcp",
          number: 443,
          state: "open",
          reason: "syn-ack",
          service: {
            name: "http",
            product: "nginx",
            version: "1.26.3",
            extraInformation: "Debian",
            tunnel: "ssl",
            method: "probed",
            confidence: 10,
            cpe: [],
          },
        },
        { protocol: "tcp", number: 8081, state: "closed", reason: "reset" },
      ],
    });
    const first = await appliance.upload(job, 0, [web]);
    await page.getByText("nginx").waitFor();
    await picture(page, "04-scan-running");
    const second = await appliance.upload(job, 1, [
      observation("192.0.2.7", [80, 6379]),
      observation("192.0.2.99", []),
    ]);
    await page.locator("#host-192\\.0\\.2\\.7, [id='host-192.0.2.7']").waitFor();
    t.deepEqual(
      await page.locator(".host h3").allTextContents(),
      ["192.0.2.7", "192.0.2.10", "192.0.2.99"],
      "in the order of their addresses",
    );
    await appliance.complete(job, [first.sha256, second.sha256], {
      problems: [{ code: "scan-incomplete", detail: "192.0.2.99 took too long" }],
      state: "incomplete",
    });
    await page.getByText("Incomplete").first().waitFor();
    await page.getByRole("heading", { name: "Results: 3 hosts, 4 open ports" }).waitFor();
    t.is(await page.getByRole("button", { name: "Stop the scan" }).count(), 0);
    t.true(await isMarked(page), "all of that without a reload");
    await picture(page, "05-scan-ended");
  },
);

browserTest(
  "the fleet names silent appliances in words, the appliance's page shows its health, and both live",
  async (t) => {
    const appliance = await enrol("Paris warehouse");
    await enrol("Lager Süd");
    const page = await open(t, "/fleet");
    await page
      .getByRole("row")
      .filter({ hasText: "Paris warehouse" })
      .getByText("No heartbeat yet")
      .waitFor();
    await markDocument(page);
    await appliance.beat();
    await page
      .getByRole("row")
      .filter({ hasText: "Paris warehouse" })
      .getByText("Online")
      .waitFor();
    t.true(await isMarked(page));
    await picture(page, "06-fleet");
    await page.getByRole("link", { name: "Paris warehouse" }).click();
    await page.getByText("1.0 GiB free of 2.0 GiB").waitFor();
    await appliance.inventory();
    await page.getByText("Debian GNU/Linux 13 (trixie)").waitFor();
    await picture(page, "07-appliance");
    await page.getByRole("link", { name: "Revoke Paris warehouse" }).click();
    await picture(page, "08-revoke");
    await page.getByRole("button", { name: "Revoke this appliance" }).click();
    await page.getByText("Revoked").first().waitFor();
    await t.throwsAsync(appliance.beat(), { message: /appliance-revoked/ });
  },
);

browserTest("a stopped scan says so at once", async (t) => {
  const appliance = await enrol("Stop test");
  const scan = await platform().api.startScan({
    applianceId: appliance.id,
    name: "To be stopped",
    targets: ["192.0.2.0/24"],
  });
  const page = await open(t, `/scans/${scan.id}`);
  await page.getByRole("button", { name: "Stop the scan" }).click();
  await page.getByText("Stopped").first().waitFor();
  t.is((await platform().api.scan(scan.id)).state, "stopped");
});

browserTest(
  "what is typed into a form stays while the page lives and when the form is refused",
  async (t) => {
    const appliance = await enrol("Form test");
    const page = await open(t, `/scans?appliance=${appliance.id}`);
    await page.getByLabel("Name", { exact: true }).fill("Typing");
    await page.getByLabel("Targets").fill("10.0.0.0/8\nfe80::1");
    const scan = await platform().api.startScan({
      applianceId: appliance.id,
      name: "Started elsewhere",
      targets: ["192.0.2.1"],
    });
    await page.getByText("Started elsewhere").waitFor();
    t.is(await page.getByLabel("Name", { exact: true }).inputValue(), "Typing");
    await page.getByRole("button", { name: "Start the scan" }).click();
    await page.getByText("is too large").waitFor();
    await page.getByText("fe80::/10 is link-local").waitFor();
    t.is(await page.getByLabel("Targets").inputValue(), "10.0.0.0/8\nfe80::1");
    t.is(await page.getByLabel("Appliance").inputValue(), appliance.id);
    await picture(page, "09-scan-form-refused");
    await platform().api.stopScan(scan.id);
    await page.getByText("Stopped").first().waitFor();
    t.is(await page.getByLabel("Targets").inputValue(), "10.0.0.0/8\nfe80::1");
  },
);

browserTest("the interval is changed, and refused out of its bounds", async (t) => {
  const page = await open(t, "/settings");
  await page.getByLabel("Call-home interval").fill("240");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved.").waitFor();
  t.deepEqual(await platform().api.settings(), { intervalSeconds: 240 });
  await picture(page, "10-settings");
});

browserTest(
  "Help shows the five services, the IP ranges, a rule for the firewall and the fingerprint",
  async (t) => {
    const page = await open(t, "/help/about");
    const text = (await page.locator("main").textContent()) ?? "";
    for (const name of ["enrolment", "health", "updates", "jobs", "results"])
      t.true(text.includes(`${platform().url}/${name}/v1`), name);
    t.true(text.includes("198.51.100.0/24"));
    t.true(text.includes(`allow TCP ${platform().port} (HTTPS) outbound to 127.0.0.1`));
    t.true(text.includes((await platform().api.about()).certificateAuthority.fingerprint));
    t.true(text.includes("uses the Nmap Security Scanner, https://nmap.org/"));
    await picture(page, "11-about");
  },
);

browserTest("ages grow by themselves, and exact times are in the reader's time zone", async (t) => {
  const appliance = await enrol("Clock test");
  await appliance.beat();
  const page = await open(t, `/appliances/${appliance.id}`);
  await page
    .getByText(/^([5-9]|\d\d) seconds ago$/)
    .first()
    .waitFor();
  t.true((await page.locator("#time-zone").textContent())?.includes("Europe/Berlin") ?? false);
  const exact = page.locator("#appliance-state time[data-exact]").first();
  const [shown, iso] = [await exact.textContent(), (await exact.getAttribute("datetime")) ?? ""];
  t.is(shown, new Date(iso).toLocaleString("sv-SE", { timeZone: "Europe/Berlin" }));
});

browserTest(
  "an update is published with a form that shows its problems, the state on each appliance is shown, and it is withdrawn",
  async (t) => {
    const appliance = await enrol("Updated appliance");
    const page = await open(t, "/updates");
    await page.getByText("Nothing is published yet").waitFor();
    await page.getByRole("button", { name: "Publish" }).click();
    await page.getByText("Choose a file that is not empty.").waitFor();
    await page.getByLabel("Name", { exact: true }).fill("Core Pack");
    await page.getByLabel("Version", { exact: true }).fill("2026.11.22");
    await page.getByLabel("Summary").fill("Weekly pack");
    const file = {
      name: "pack.tar",
      mimeType: "application/octet-stream",
      buffer: Buffer.alloc(300_000, 7),
    };
    await page.getByLabel("File").setInputFiles(file);
    await page.getByRole("button", { name: "Publish" }).click();
    await page.getByText("The name is not as its hint says.").waitFor();
    await picture(page, "13-publish-refused");
    await page.getByLabel("Name", { exact: true }).fill("core");
    await page.getByRole("button", { name: "Publish" }).click();
    const row = page.getByRole("row").filter({ hasText: "Weekly pack" });
    await row.getByText("2026.11.22").waitFor();
    await row.getByText("Newest").waitFor();
    t.like((await platform().api.content()).content[0], {
      kind: "signatures",
      name: "core",
      version: "2026.11.22",
      length: 300_000,
    });

    await page.getByLabel("Name", { exact: true }).fill("core");
    await page.getByLabel("Version", { exact: true }).fill("2026.11.22");
    await page.getByLabel("File").setInputFiles(file);
    await page.getByRole("button", { name: "Publish" }).click();
    await page.locator("#publish-problem").getByText("signatures core 2026.11.22").waitFor();

    await markDocument(page);
    const item = {
      kind: "signatures" as const,
      name: "core",
      version: "2026.11.22",
      length: 300_000,
    };
    await appliance.beat({
      updates: {
        items: [
          { ...item, state: "fetched", received: 300_000 },
          {
            ...item,
            kind: "software",
            name: "system",
            version: "2",
            state: "refused",
            received: 0,
            code: "update-altered",
            detail: "SHA-256 <b>differs</b>",
          },
        ],
        checkedAt: Date.now(),
        code: null,
      },
    });
    await row.getByText(/^1 of \d+ have it$/).waitFor();
    t.true(await isMarked(page), "without a reload");
    await picture(page, "14-updates");
    const own = await open(t, `/appliances/${appliance.id}`);
    const refused = own
      .locator("#appliance-updates")
      .getByRole("row")
      .filter({ hasText: "system" });
    await refused.getByText("Refused").waitFor();
    await refused.getByText("SHA-256 <b>differs</b>").waitFor();
    await picture(own, "15-appliance-updates");

    await row.getByRole("link", { name: "Take back" }).click();
    await page.getByRole("button", { name: "Take it back" }).click();
    await page.getByText("Nothing is published yet").waitFor();
    t.deepEqual((await platform().api.content()).content, []);
  },
);

browserTest(
  "everything can be reached at 400 pixels without scrolling sideways, and with the keyboard",
  async (t) => {
    const appliance = await enrol("An appliance with a rather long name in a small window");
    await appliance.beat();
    const scan = await platform().api.startScan({
      applianceId: appliance.id,
      name: "Narrow",
      targets: ["192.0.2.0/24"],
    });
    await appliance.jobs();
    await appliance.upload({ id: scan.id, attempt: 1 }, 0, [observation("192.0.2.10", [22, 80])]);
    for (const [name, path] of [
      ["fleet", "/fleet"],
      ["appliance", `/appliances/${appliance.id}`],
      ["scans", "/scans"],
      ["scan", `/scans/${scan.id}`],
      ["codes", "/codes"],
      ["updates", "/updates"],
      ["settings", "/settings"],
      ["about", "/help/about"],
    ] as const) {
      const page = await open(t, path, 400);
      t.true(
        Number(await page.evaluate("document.documentElement.scrollWidth")) <= 400,
        `${name} is wider than the window`,
      );
      await picture(page, `12-narrow-${name}`);
      await page.close();
    }
    const page = await open(t, "/fleet");
    await page.keyboard.press("Tab");
    t.is(await page.evaluate("document.activeElement.textContent"), "Skip to the content");
    for (const name of ["Outrider", "Fleet", "Scans"]) {
      await page.keyboard.press("Tab");
      t.is(await page.evaluate("document.activeElement.textContent.trim()"), name);
    }
    await page.keyboard.press("Enter");
    await page.waitForURL("**/scans");
  },
);

browserTest("the platform's absence and return are told on the page", async (t) => {
  const own = await startPlatform();
  t.teardown(() => own.remove());
  const away = await operator().newContext();
  t.teardown(() => away.close());
  const page = await away.newPage();
  await page.goto(`${own.url}/fleet`);
  await picture(page, "00-log-in");
  await page.getByLabel("Operator's token").fill(own.operatorToken);
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByText("No appliance has enrolled yet").waitFor();
  await own.kill9();
  await page.getByText("The platform does not answer.").waitFor();
  await own.restart();
  await page.getByText("The platform does not answer.").waitFor({ state: "hidden" });
  t.pass();
});
