import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import test from "ava";
import { asOutriderError } from "../../src/base/messages/error.ts";
import { storageFault } from "../../src/base/messages/storage-fault.ts";

const missing = join(import.meta.dirname, "nothing", "here");
const thrownBy = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => null,
    (error: unknown) => error,
  );

/** As Node's fs throws them. */
const ofCall = (code: string, syscall: string, errno = -5) =>
  Object.assign(new Error(`${code}: in words, ${syscall}`), { code, syscall, errno });
const ofDatabase = (errcode: number) =>
  Object.assign(new Error("in words"), { code: "ERR_SQLITE_ERROR", errcode });

test("what a disk does to a file is told as the disk's fault", (t) => {
  for (const syscall of [
    "open",
    "read",
    "write",
    "fsync",
    "rename",
    "unlink",
    "mkdir",
    "scandir",
  ]) {
    t.is(asOutriderError(ofCall("EIO", syscall)).code, "storage-failed", syscall);
    t.is(asOutriderError(ofCall("ENOSPC", syscall)).code, "storage-full", syscall);
  }
  t.is(storageFault(ofCall("EROFS", "open")), "storage-failed");
  t.is(storageFault(ofCall("EDQUOT", "write")), "storage-full");
  t.is(storageFault(ofCall("Unknown system error -117", "open", -117)), "storage-failed");
  t.is(
    asOutriderError(ofCall("EIO", "fsync")).detail,
    "EIO: in words, fsync",
    "with the system's own words",
  );
});

test("what a disk does to the database is told as the disk's fault, also by an extended code", (t) => {
  for (const errcode of [8, 10, 10 | (4 << 8), 11, 14, 26])
    t.is(asOutriderError(ofDatabase(errcode)).code, "storage-failed", `${errcode}`);
  t.is(asOutriderError(ofDatabase(13)).code, "storage-full");
  // SQLITE_ERROR, as for a wrong statement, and SQLITE_CONSTRAINT.
  for (const errcode of [1, 19]) t.is(storageFault(ofDatabase(errcode)), null, `${errcode}`);
});

test("a file that is gone is told so, and no socket's or program's", async (t) => {
  t.is(storageFault(await thrownBy(readFile(missing))), "storage-failed");
  t.is(storageFault(await thrownBy(promisify(execFile)(missing))), null);
  const socket = connect(missing);
  const refused = await new Promise((resolve) => socket.once("error", resolve));
  t.is(storageFault(refused), null);
  for (const other of [new TypeError("x"), "EIO", null, ofCall("EIO", "getaddrinfo")])
    t.is(storageFault(other), null);
});

test("a code that the caller knows better stays", (t) => {
  t.is(asOutriderError(ofCall("EIO", "open"), "settings-unreadable").code, "settings-unreadable");
});
