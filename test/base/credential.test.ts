import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import {
  type Credential,
  credentialText,
  damaged,
  parseCredential,
  readCredential,
} from "../../src/base/credential.ts";

test("a credential's file says what it holds, whatever that is", (t) => {
  const secrets: Credential[] = [
    null,
    damaged,
    "s3cret",
    "none\n",
    "damaged\n",
    "secret\n",
    " \n",
    "grün\n",
  ];
  for (const secret of secrets) t.is(parseCredential(credentialText(secret)), secret);
});

test("a file that is empty, cut off or of another form is damage, and never none", (t) => {
  for (const text of ["", "none", "secret", "secret\n", "s3cret", "\0\0\0\0", "none\nmore", "\n"])
    t.is(parseCredential(text), damaged, JSON.stringify(text));
});

test("only a file that systemd did not pass means none", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "outrider-credentials-"));
  t.teardown(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, "set"), credentialText("s3cret"));
  await writeFile(join(folder, "empty"), "");
  await mkdir(join(folder, "unreadable"));
  t.is(await readCredential(folder, "set"), "s3cret");
  t.is(await readCredential(folder, "empty"), damaged);
  t.is(await readCredential(folder, "unreadable"), damaged);
  t.is(await readCredential(folder, "absent"), null);
  t.is(await readCredential(undefined, "set"), null);
});
