import { readFile } from "node:fs/promises";
import test from "ava";
import { propertyCategories } from "../../../image/ova/properties.ts";
import {
  isFieldName,
  meaningOf,
  zeroTouchFields,
} from "../../../src/settings/zero-touch/fields.ts";

const asked = propertyCategories.flatMap(({ properties }) => properties);

test("what the OVA asks is what is understood", (t) => {
  for (const { key, password } of asked) {
    t.true(isFieldName(key), key);
    if (isFieldName(key)) t.is(zeroTouchFields[key].secret, password, key);
  }
});

test("the page lists every name, whether the OVA asks for it, and Qualys' names", async (t) => {
  const page = await readFile(
    new URL("../../../docs/operate/zero-touch.md", import.meta.url),
    "utf8",
  );
  const rows = [...page.matchAll(/^\| `([a-z0-9_]+)` \| .* \| (yes|) ?\| (.*?) ?\|$/gm)].map(
    ([, name, inOva, also = ""]) => ({
      name,
      inOva: inOva === "yes",
      also: also.split(", ").flatMap((each) => /`(.*)`/.exec(each)?.[1] ?? []),
    }),
  );
  t.deepEqual(
    rows,
    Object.entries(zeroTouchFields).map(([name, { also = [] }]) => ({
      name,
      inOva: asked.some(({ key }) => key === name),
      also: [...also],
    })),
  );
});

test("names are known in any case, and with a class in front", (t) => {
  for (const name of [
    "LAN_IP",
    "lan_ip",
    "outrider.lan_address",
    "guestinfo.outrider.lan-address",
    " Lan_Address ",
  ])
    t.deepEqual(meaningOf(name), { field: "lan_address" }, name);
  t.is(meaningOf("constructor"), null);
  t.is(meaningOf("__proto__"), null);
  t.deepEqual(meaningOf("PROXY_URL"), { field: "proxy_url" });
});
