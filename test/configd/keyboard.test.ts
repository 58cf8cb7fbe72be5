import { readFile } from "node:fs/promises";
import test from "ava";
import { OutriderError } from "../../src/base/messages/error.ts";
import { fact } from "../../src/base/messages/facts.ts";
import { renderKeyboard } from "../../src/configd/machine/real-tools.ts";
import { keyboardUnit } from "../../src/configd/machine/units.ts";
import { keyboardLayouts } from "../../src/settings/model/keyboards.ts";
import { codeOf, testAppliance } from "../testkit/configd/test-appliance.ts";

test("a layout is loaded and kept at once, and outlives a restart; nothing else of the settings changes", async (t) => {
  const appliance = await testAppliance(t);
  await appliance.start();
  const before = await appliance.console.call("status", {});
  t.is(before.settingsSource, "defaults");
  await appliance.console.call("setKeyboard", { layout: "de" });
  t.is(appliance.system.tools.keyboard, "de");
  await appliance.kill();
  await appliance.start();
  t.is(appliance.system.tools.keyboard, "de");
  const after = await appliance.console.call("status", {});
  t.is(after.settingsSource, "file");
  t.is(after.trial, null);
  t.deepEqual(after.settings, {
    ...before.settings,
    console: { ...before.settings.console, keyboard: "de" },
  });
  const [newest] = (await appliance.console.call("history", {})).entries;
  t.deepEqual(newest?.by, {
    how: "console",
    who: "",
    why: "keyboard",
    reason: fact("kept-keyboard"),
  });
});

test("accepting the present layout is saved too, because the appliance counts as set up then", async (t) => {
  const appliance = await testAppliance(t);
  await appliance.start();
  await appliance.console.call("setKeyboard", { layout: "us" });
  t.is((await appliance.console.call("status", {})).settingsSource, "file");
});

test("a layout that is not known, or that comes while other settings are tried, is refused", async (t) => {
  const appliance = await testAppliance(t);
  await appliance.start();
  t.is(
    await codeOf(appliance.console.call("setKeyboard", { layout: "klingon" })),
    "settings-invalid",
  );
  const { settings } = await appliance.console.call("status", {});
  const trial = await appliance.console.call("try", {
    settings: { ...settings, hostname: "scanner-2" },
  });
  t.is(await codeOf(appliance.console.call("setKeyboard", { layout: "fr" })), "trial-pending");
  t.is(appliance.system.tools.keyboard, "us");
  await appliance.console.call("revert", { id: trial.id });
});

test("loadkeys gets a name of the list, as one word of its own, on the machine's screen and without a shell", async (t) => {
  for (const layout of keyboardLayouts) t.regex(renderKeyboard(layout), /^LAYOUT=[a-z]+\n$/);
  t.throws(() => renderKeyboard("../../../etc/shadow"), { instanceOf: OutriderError });
  t.throws(() => renderKeyboard("us\nLD_PRELOAD=x"), { instanceOf: OutriderError });
  const unit = await readFile(
    new URL(`../../image/root/overlay/usr/lib/systemd/system/${keyboardUnit}`, import.meta.url),
    "utf8",
  );
  t.deepEqual(
    [...unit.matchAll(/^Exec\w+=(.*)$/gm)].map(([, words]) => words?.split(" ")),
    [
      [
        "loadkeys",
        "--quiet",
        "--unicode",
        "--console=/dev/tty0",
        `/usr/lib/outrider/keymaps/\${LAYOUT}.kmap`,
      ],
    ],
  );
  t.regex(unit, /^EnvironmentFile=\/run\/outrider\/keyboard$/m);
});

test("each layout is in the list once", (t) => {
  t.is(new Set(keyboardLayouts).size, keyboardLayouts.length);
});
