import { readdir, rename } from "node:fs/promises";
import { join } from "node:path";
import type { ExecutionContext } from "ava";
import {
  browserTests,
  isMarked,
  markDocument,
  picture,
} from "../testkit/platform/operator-browser.ts";

/** The keys that sign updates, and the journal, on the platform's page. */
const { browserTest, open, operator, platform } = browserTests();

const keyOf = async (role: string) =>
  (await platform().api.content()).keys.find((key) => key.role === role)?.keyId ?? "";
const openUpdates = async (t: ExecutionContext) => {
  const page = await open(t, "/updates");
  const row = (role: string) => page.locator(`#key-rows-${role}`);
  return { page, row };
};

browserTest(
  "each role's key, version and end are shown; a key is replaced after a question, and the journal tells who did it",
  async (t) => {
    const { page, row } = await openUpdates(t);
    for (const [role, end] of [
      ["root", /in 7(29|30) days/],
      ["targets", /in 36[45] days/],
      ["snapshot", /in (29|30) days/],
      ["timestamp", /in (2|3) days|in 7\d hours/],
    ] as const) {
      await row(role)
        .getByText((await keyOf(role)).slice(0, 16))
        .waitFor();
      await row(role).getByText("on this platform").waitFor();
      await row(role).getByText("Good", { exact: true }).waitFor();
      t.regex((await row(role).textContent()) ?? "", end, role);
    }
    await page.getByText("Nothing was done yet.").waitFor();
    await picture(page, "16-keys");

    const old = await keyOf("timestamp");
    await page.getByRole("link", { name: "Replace the timestamp key" }).click();
    await page.getByText(old).waitFor();
    await page.getByRole("link", { name: "Leave it" }).click();
    await page.waitForURL("**/updates");
    t.is(await keyOf("timestamp"), old, "a question changes nothing");
    await page.getByRole("link", { name: "Replace the timestamp key" }).click();
    await picture(page, "17-replace-key");
    await page.getByRole("button", { name: "Replace the timestamp key" }).click();
    await page.getByText("The timestamp key was replaced").waitFor();
    const replaced = await keyOf("timestamp");
    t.not(replaced, old);
    await row("timestamp").getByText(replaced.slice(0, 16)).waitFor();
    const entry = page.locator("#journal-rows tr").first();
    await entry.getByText("Key replaced").waitFor();
    await entry.getByText(`${old} -> ${replaced}, root version 2`).waitFor();
    await entry.getByText("Done", { exact: true }).waitFor();
    t.regex((await entry.textContent()) ?? "", /page, session [0-9a-f]{8}\s*from 127\.0\.0\.1/);

    await markDocument(page);
    await platform().api.replaceKey("root");
    await page.locator("#journal-rows tr").nth(1).waitFor();
    await page.locator("#journal-rows tr").first().getByText("API").waitFor();
    await row("root")
      .getByText((await keyOf("root")).slice(0, 16))
      .waitFor();
    t.true(await isMarked(page), "without a reload");
  },
);

browserTest(
  "the root key's question warns of copies; a key that was replaced meanwhile stays as it is, and the page says so",
  async (t) => {
    const page = await open(t, "/updates/keys/root/replace");
    await page.getByText("signed by the old root key and by the new one").waitFor();
    await page.getByText("Copies of the old root key elsewhere").waitFor();
    await platform().api.replaceKey("root");
    const present = await keyOf("root");
    await page.getByRole("button", { name: "Replace the root key" }).click();
    await page.getByRole("heading", { name: "The root key was not replaced" }).waitFor();
    await page.getByText("The key was replaced meanwhile.").waitFor();
    await picture(page, "18-key-not-replaced");
    t.is(await keyOf("root"), present);
    await page.getByRole("link", { name: "Back to the keys" }).click();
    await page.locator("#journal-rows tr").first().getByText("Failed").waitFor();
  },
);

browserTest(
  "with the root key in a safe place the page says what it is needed for, and offers no replacement",
  async (t) => {
    const keys = join(platform().dataFolder, "content/keys");
    const name = (await readdir(keys)).find((each) => each.startsWith("root-")) ?? "";
    const question = await open(t, "/updates/keys/targets/replace");
    await rename(join(keys, name), join(platform().dataFolder, name));
    t.teardown(() => rename(join(platform().dataFolder, name), join(keys, name)));
    const before = await platform().api.content();
    const { page, row } = await openUpdates(t);
    await row("root").getByText("not here").waitFor();
    await row("root").getByText("the key is needed from").waitFor();
    for (const role of ["root", "targets", "snapshot", "timestamp"])
      await row(role).getByText("Replacing it needs the root key put back.").waitFor();
    t.is(await page.getByRole("link", { name: /^Replace the/ }).count(), 0);
    await picture(page, "19-root-key-away");
    // From a page that stood open.
    await question.getByRole("button", { name: "Replace the targets key" }).click();
    await question.getByText("The key for signing this is not on the platform.").waitFor();
    t.deepEqual(await platform().api.content(), before);
  },
);

browserTest(
  "questions about keys fit into 400 pixels, and there are none about other roles",
  async (t) => {
    for (const path of ["/updates", "/updates/keys/root/replace"]) {
      const page = await open(t, path, 400);
      t.true(Number(await page.evaluate("document.documentElement.scrollWidth")) <= 400, path);
      await picture(page, `20-narrow${path.replaceAll("/", "-")}`);
    }
    const page = await open(t, "/updates/keys/mirrors/replace");
    await page.getByRole("heading", { name: "There is nothing here" }).waitFor();
    // The browser names the 404 on its console.
    operator().takeComplaints();
  },
);
