/** Codes of error-codes.ts; that list imports nothing of this. */
export type StorageFault = "storage-full" | "storage-failed";

/** What a system call on a file says when the disk is at fault (errno(3)). */
const fullCodes: ReadonlySet<string> = new Set(["ENOSPC", "EDQUOT"]);
/** ENOENT and ENOTDIR too: nobody but the programs themselves removes their files. */
const failedCodes: ReadonlySet<string> = new Set([
  "EIO",
  "EROFS",
  "ENXIO",
  "ENODEV",
  "ESTALE",
  "ENOENT",
  "ENOTDIR",
]);
/** EUCLEAN: the file system's structure is damaged. libuv has no name for it. */
const uncleanErrno = -117;

/** As Node names them: a socket's or a program's ENOENT says nothing of the disk. */
const fileCalls: ReadonlySet<string> = new Set(
  (
    "access chmod chown close copyfile fchmod fchown fdatasync fstat fsync ftruncate futime link " +
    "lstat lutime mkdir mkdtemp open opendir read readlink realpath rename rmdir scandir stat " +
    "statfs symlink truncate unlink utime write"
  ).split(" "),
);

/** Primary result codes of SQLite (sqlite.org/rescode.html): the lowest byte of an extended one. */
const sqliteFull = 13;
/** READONLY, IOERR, CORRUPT, CANTOPEN, NOTADB. */
const sqliteFailed: ReadonlySet<number> = new Set([8, 10, 11, 14, 26]);

/** What an error of a file or of the database says of the disk; null when it says nothing of it. */
export function storageFault(thrown: unknown): StorageFault | null {
  if (!(thrown instanceof Error) || !("code" in thrown)) return null;
  if (thrown.code === "ERR_SQLITE_ERROR") return ofDatabase(thrown);
  if (!("syscall" in thrown) || !fileCalls.has(String(thrown.syscall))) return null;
  const code = String(thrown.code);
  if (fullCodes.has(code)) return "storage-full";
  const isUnclean = "errno" in thrown && thrown.errno === uncleanErrno;
  return failedCodes.has(code) || isUnclean ? "storage-failed" : null;
}

function ofDatabase(error: Error): StorageFault | null {
  const result = "errcode" in error && typeof error.errcode === "number" ? error.errcode & 0xff : 0;
  if (result === sqliteFull) return "storage-full";
  return sqliteFailed.has(result) ? "storage-failed" : null;
}
