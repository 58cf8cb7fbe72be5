import { readFile, writeFile } from "node:fs/promises";
import test from "ava";
import { roomTable } from "./room-table.ts";
import { rooms } from "./rooms/rooms.ts";

const page = new URL("../../ARCHITECTURE.md", import.meta.url);
const [begin, end] = ["<!-- made from test/house/rooms -->", "<!-- end -->"];

test("ARCHITECTURE.md's table of folders is made from the rooms (UPDATE_DOCS=1 writes it)", async (t) => {
  const text = await readFile(page, "utf8");
  const [before = "", rest = ""] = text.split(begin);
  const after = rest.slice(rest.indexOf(end));
  const made = `${before}${begin}\n${roomTable(rooms)}\n${after}`;
  if (process.env.UPDATE_DOCS === "1") await writeFile(page, made);
  else t.is(text, made);
  t.true(after.startsWith(end), "the markers around the table are missing");
});
