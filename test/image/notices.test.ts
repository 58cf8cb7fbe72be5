import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { bundleAll } from "../../image/bundle/bundle.ts";
import { unbundled } from "../../image/bundle/entries.ts";
import {
  noticesOf,
  packageFolders,
  readNotice,
  renderNotices,
} from "../../image/bundle/notices.ts";

const project = new URL("../../", import.meta.url).pathname;

test("each package of which something is in a bundle has its notice, as have Node and what is copied", async (t) => {
  const inputs = (await bundleAll(project)).flatMap((bundle) => bundle.inputs);
  const notices = await noticesOf(project, inputs);
  const names = notices.map(({ name }) => name);
  for (const name of ["Node.js", ...unbundled]) t.true(names.includes(name), name);
  for (const folder of packageFolders(inputs)) {
    const { name, version } = JSON.parse(
      await readFile(join(project, folder, "package.json"), "utf8"),
    );
    t.true(
      notices.some((notice) => notice.name === name && notice.version === version),
      `${name} ${version}`,
    );
  }
  t.is(new Set(notices.map(({ name, version }) => `${name} ${version}`)).size, notices.length);
  for (const { name, licence, text } of notices) {
    t.regex(licence, /^(MIT|ISC|Apache-2\.0|BSD-[23]-Clause|0BSD|BlueOak-1\.0\.0)$/, name);
    t.regex(text, /copyright|apache license|blue oak model license/i, name);
  }
  const own = await readFile(join(project, "LICENSE"), "utf8");
  const text = renderNotices({ version: "1.2.3", own, notices, debian: ["libc6", "nmap"] });
  for (const notice of notices) t.true(text.includes(notice.text), notice.name);
  t.true(text.includes(own.trim()));
  for (const holder of ["Fabrice Bellard", "Isaac Z. Schlueter", "Node.js contributors"])
    t.true(text.includes(holder), holder);
  t.regex(text, /^Licences of Outrider 1\.2\.3[\s\S]*\/usr\/share\/doc\/libc6\/copyright\n/);
});

test("a file belongs to the innermost package that it lies in", (t) => {
  t.deepEqual(
    packageFolders([
      "src/a.ts",
      "undici-subset:undici",
      "node_modules/b/lib/x.js",
      "node_modules/b/index.js",
      "node_modules/@scope/part/a/b.js",
      "node_modules/@scope/part/node_modules/b/c.js",
    ]),
    ["node_modules/@scope/part", "node_modules/@scope/part/node_modules/b", "node_modules/b"],
  );
});

test("notices beside the licence are taken too, and without any text nothing can be shipped", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "outrider-notices-"));
  t.teardown(() => rm(folder, { recursive: true }));
  const put = (name: string, text: string) => writeFile(join(folder, name), text);
  await put("package.json", JSON.stringify({ name: "@a/part", version: "1.0.0", license: "MIT" }));
  await put("license-checker.js", "no licence");
  await mkdir(join(folder, "licensing"));
  await t.throwsAsync(readNotice(folder), {
    message: /^@a\/part 1\.0\.0 comes without the text of its licence/,
  });
  await put("NOTICE", "This product includes others.\n");
  await put("LICENCE.md", "Copyright (c) Somebody\n");
  t.deepEqual(await readNotice(folder), {
    name: "@a/part",
    version: "1.0.0",
    licence: "MIT",
    text: "Copyright (c) Somebody\n\nThis product includes others.",
  });
});
