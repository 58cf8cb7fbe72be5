import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { stripTypeScriptTypes } from "node:module";
import { mark } from "./parts/layout.ts";

export interface Asset {
  type: string;
  content: string;
}

export interface Assets {
  /** By file name. */
  files: ReadonlyMap<string, Asset>;
  /** Of all of them together. */
  version: string;
}

const browserFiles = ["live.ts", "publish.ts", "relative-time.ts"];

/**
 * The page's style and browser code, made ready once at the start: browsers get JavaScript without
 * types.
 */
export async function loadAssets(): Promise<Assets> {
  const read = (name: string) => readFile(new URL(name, import.meta.url), "utf8");
  const files = new Map<string, Asset>();
  files.set("style.css", { type: "text/css; charset=utf-8", content: await read("style.css") });
  files.set("mark.svg", {
    type: "image/svg+xml",
    content: mark.text.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg" color="#0f766e"'),
  });
  for (const name of browserFiles) {
    files.set(name, {
      type: "text/javascript; charset=utf-8",
      content: stripTypeScriptTypes(await read(`browser/${name}`)),
    });
  }
  const digest = createHash("sha256");
  for (const { content } of files.values()) digest.update(content);
  return { files, version: digest.digest("hex").slice(0, 12) };
}
