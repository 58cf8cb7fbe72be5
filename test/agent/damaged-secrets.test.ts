import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "ava";
import { credentialText, damaged } from "../../src/base/credential.ts";
import { defaultHttpProxy } from "../../src/settings/model/schema.ts";
import { startPlatform } from "../testkit/platform/platform.ts";
import { startProxy } from "../testkit/proxies/proxy.ts";
import { ApplianceProcess } from "./appliance-process.ts";

for (const [what, text] of [
  ["was emptied", ""],
  ["configd could not open", credentialText(damaged)],
] as const) {
  test(`an activation code that ${what} is told as damaged, and the agent goes on`, async (t) => {
    const appliance = await ApplianceProcess.create(
      { platformUrl: "https://platform.outrider.test" },
      null,
      [],
    );
    t.teardown(() => appliance.remove());
    await writeFile(join(appliance.root, "credentials/activation-code"), text);
    appliance.start();
    const { failure } = await appliance.untilStatus(
      ({ state }) => state === "enrolment-failed",
      "the failure",
    );
    t.is(failure?.code, "code-damaged");
    t.true(appliance.running);
  });

  test(`a proxy password that ${what} is told as damaged`, async (t) => {
    const platform = await startPlatform();
    t.teardown(() => platform.remove());
    const proxy = await startProxy({
      kind: "tunnel",
      credentials: { user: "scanner", password: "s3cret" },
    });
    t.teardown(() => proxy.close());
    const { code } = await platform.api.makeCode("");
    const appliance = await ApplianceProcess.create(
      {
        platformUrl: platform.url,
        proxy: {
          ...defaultHttpProxy,
          host: "127.0.0.1",
          port: proxy.port,
          authentication: "basic",
          user: "scanner",
        },
      },
      code,
      [],
    );
    t.teardown(() => appliance.remove());
    await writeFile(join(appliance.root, "credentials/proxy-password"), text);
    appliance.start();
    const { failure } = await appliance.untilStatus((status) => status.failure !== null, "failure");
    t.is(failure?.code, "proxy-password-damaged");
  });
}
