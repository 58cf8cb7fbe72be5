import { readdir, readFile } from "node:fs/promises";
import test from "ava";
import { verbs } from "../../src/configd/api/api.ts";
import { schemas as replies } from "../../src/configd/api/reply-validators.ts";
import { schemas as requests } from "../../src/configd/api/request-validators.ts";
import { routes } from "../../src/configd/api/routes.ts";
import { makeHandlers } from "../../src/configd/verbs/handlers.ts";
import type { HandlerParts } from "../../src/configd/verbs/parts.ts";

/** Handlers read their parts when they are called, not when they are made. */
const noParts = { kept: {}, system: {}, paths: {} } as unknown as HandlerParts;

const names = Object.keys(routes).sort();

test("a verb is declared, has a route and a handler: the three tables have the same names", (t) => {
  t.true(names.length >= 42);
  t.deepEqual(Object.keys(verbs).sort(), names);
  t.deepEqual(Object.keys(makeHandlers(noParts)).sort(), names);
});

test("the validators of requests and replies follow from the declarations", (t) => {
  t.deepEqual(Object.keys(requests).sort(), names);
  const { failure: _, ...ofVerbs } = replies;
  t.deepEqual(Object.keys(ofVerbs).sort(), names);
  for (const [name, { request, reply }] of Object.entries(verbs)) {
    t.is<unknown, unknown>(Reflect.get(requests, name), request, name);
    t.is<unknown, unknown>(Reflect.get(replies, name), reply, name);
  }
});

test("a verb is named in three files of configd: its declaration, its route, its handler", async (t) => {
  const folder = new URL("../../src/configd/", import.meta.url);
  const files = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith(".ts"));
  const texts = await Promise.all(
    files.map(async (name) => ({ name, text: await readFile(new URL(name, folder), "utf8") })),
  );
  for (const verb of names) {
    const named = texts.filter(({ text }) => new RegExp(`^ +${verb}: `, "m").test(text));
    const among = named.map(({ name }) => name).filter((name) => /^(?:api|verbs)\//.test(name));
    const handled = among.filter((name) => name.endsWith("handlers.ts"));
    t.is(handled.length, 1, `${verb} is handled in ${handled.join(", ") || "no file"}`);
    t.true(among.includes("api/api.ts") && among.includes("api/routes.ts"), verb);
  }
});
