import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { stripTypeScriptTypes } from "node:module";
import { join } from "node:path";
import compress from "@fastify/compress";
import serveStatic from "@fastify/static";
import type { FastifyInstance } from "fastify";
import { readIfThere } from "../../base/missing-file.ts";
import { compression } from "../https/compression.ts";
import { mark } from "./parts/layout.ts";

const browserFiles = ["live.ts", "publish.ts", "relative-time.ts"];
const assetsLifetimeSeconds = 300;

/**
 * Makes the page's style and browser code ready in a folder: browsers get JavaScript without types.
 * Returns the version of all files together, which the pages add to the files' URLs.
 */
export async function makeAssets(folder: string): Promise<string> {
  const source = (name: string) => readFile(new URL(name, import.meta.url), "utf8");
  const files = new Map<string, string>();
  files.set("style.css", await source("style.css"));
  files.set(
    "mark.svg",
    mark.text.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg" color="#0f766e"'),
  );
  for (const name of browserFiles)
    files.set(name, stripTypeScriptTypes(await source(`browser/${name}`)));
  await mkdir(folder, { recursive: true });
  const digest = createHash("sha256");
  for (const [name, content] of files) {
    digest.update(content);
    const path = join(folder, name);
    // A file that is the same keeps its time, from which its ETag is made: browsers keep it too.
    if ((await readIfThere(path))?.toString("utf8") !== content) await writeFile(path, content);
  }
  return digest.digest("hex").slice(0, 12);
}

export function addAssets(scope: FastifyInstance, folder: string): void {
  scope.register(async (assets) => {
    await assets.register(compress, compression);
    await assets.register(serveStatic, {
      root: folder,
      prefix: "/assets/",
      index: false,
      dotfiles: "deny",
      cacheControl: false,
      setHeaders: (reply, path) => {
        reply.header("cache-control", `private, max-age=${assetsLifetimeSeconds}`);
        // By its name alone a .ts file would be a video (MPEG transport stream).
        if (path.endsWith(".ts")) reply.type("text/javascript; charset=utf-8");
      },
    });
  });
}
