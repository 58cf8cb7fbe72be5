import { readdir, readFile, stat } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import test from "ava";
import { linksOf, npmScriptsOf, pathsOf, slugsOf } from "./markdown.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const skipped = new Set(["node_modules", "dist", ".git", "golden"]);

/** Every Markdown file of the project, by its path from the root. */
async function findPages(folder = ""): Promise<string[]> {
  const pages: string[] = [];
  for (const entry of await readdir(join(root, folder), { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && !skipped.has(entry.name)) pages.push(...(await findPages(path)));
    else if (entry.isFile() && entry.name.endsWith(".md")) pages.push(path);
  }
  return pages.sort();
}

const pages = await findPages();
const texts = new Map<string, string>();
for (const page of pages) texts.set(page, await readFile(join(root, page), "utf8"));

/** The file or folder that a relative link names, and its anchor. Null for links to other sites. */
function targetOf(page: string, link: string): { path: string; anchor: string } | null {
  if (/^[a-z][a-z+.-]*:/i.test(link)) return null;
  const [file = "", anchor = ""] = link.split("#", 2);
  const path = file === "" ? page : relative(root, join(root, dirname(page), decodeURI(file)));
  return { path, anchor };
}

for (const [page, text] of texts)
  test(`every relative link of ${page} leads to a file and a heading that exist`, async (t) => {
    t.pass();
    for (const link of linksOf(text)) {
      const target = targetOf(page, link);
      if (target === null) continue;
      const { path, anchor } = target;
      const folder = join(root, dirname(path));
      const names = await readdir(folder).catch((): string[] => []);
      const name = path.split("/").at(-1) ?? "";
      t.true(path === "" || names.includes(name), `${page}: there is no ${path}`);
      if (anchor === "") continue;
      const headings = slugsOf(texts.get(path) ?? "");
      t.true(headings.includes(anchor), `${page}: ${path} has no heading #${anchor}`);
    }
  });

test("every npm script that a page names exists", async (t) => {
  const manifest: { scripts: Record<string, string> } = JSON.parse(
    await readFile(join(root, "package.json"), "utf8"),
  );
  const known = Object.keys(manifest.scripts);
  for (const [page, text] of texts)
    for (const script of npmScriptsOf(text))
      t.true(known.includes(script), `${page}: package.json has no script ${script}`);
});

test("every source file that a page of docs/ names is there", async (t) => {
  const scope = /^docs\/(?:install|operate|develop|decisions)\//;
  for (const [page, text] of texts) {
    if (!scope.test(page)) continue;
    for (const path of pathsOf(text))
      await t.notThrowsAsync(stat(join(root, path)), `${page}: there is no ${path}`);
  }
});

test("README names the commands that run the whole, test it, and build the image", (t) => {
  const scripts = npmScriptsOf(texts.get("README.md") ?? "");
  for (const script of ["start", "test", "console", "ova", "test:image"])
    t.true(scripts.includes(script), script);
});

test("every page of docs/ is reached by links from docs/README.md", (t) => {
  const reached = new Set<string>();
  const waiting = ["docs/README.md"];
  for (let page = waiting.pop(); page !== undefined; page = waiting.pop()) {
    if (reached.has(page)) continue;
    reached.add(page);
    for (const link of linksOf(texts.get(page) ?? "")) {
      const target = targetOf(page, link);
      if (target && texts.has(target.path) && target.path.startsWith("docs/"))
        waiting.push(target.path);
    }
  }
  t.deepEqual(
    pages.filter((page) => page.startsWith("docs/") && !reached.has(page)),
    [],
  );
});

test("every picture of docs/pictures is shown on a page", async (t) => {
  const shown = [...texts].flatMap(([page, text]) =>
    linksOf(text).map((link) => targetOf(page, link)?.path),
  );
  for (const picture of await readdir(join(root, "docs/pictures")))
    t.true(shown.includes(`docs/pictures/${picture}`), `no page shows ${picture}`);
});
