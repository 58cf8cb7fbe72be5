import { access, readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { type Fact, fact } from "../../base/messages/facts.ts";
import { ignoring } from "../../base/missing-file.ts";
import { noCloud, type WantedFile, wantedFiles } from "./wanted-files.ts";

/** A file of a volume that carries values and is not read, and the file that would be. */
export interface OtherFile {
  path: string;
  wanted: WantedFile;
  wrong: Fact;
  right: Fact;
}

const noFolder = ignoring("this volume has no such folder");
const folders = [".", "openstack/latest"];
const mostNames = 200;
const mostReported = 3;

/**
 * Files under nearly the name of one that is read, as Windows names them (outrider.txt.txt) or
 * another tool; NoCloud's files on a volume of another label; NoCloud's vendor-data.
 */
export async function otherFiles(folder: string, label: string): Promise<OtherFile[]> {
  const found: OtherFile[] = [];
  for (const under of folders) {
    const names = (await readdir(join(folder, under)).catch(noFolder)) ?? [];
    for (const name of names.sort().slice(0, mostNames)) {
      const other = await otherFile(folder, under, name, label);
      if (other !== null) found.push(other);
    }
  }
  return found.slice(0, mostReported);
}

async function otherFile(
  folder: string,
  under: string,
  name: string,
  label: string,
): Promise<OtherFile | null> {
  const path = join(under, name);
  const here = wantedFiles.filter((each) => dirname(each.path) === under);
  const isRead = ({ label: only }: WantedFile) => only === undefined || only.test(label);
  const exact = here.find((each) => each.path === path);
  if (exact !== undefined)
    return isRead(exact) || exact.label !== noCloud || label === ""
      ? null
      : {
          path,
          wanted: exact,
          wrong: fact("given-other-label", { wanted: "cidata" }),
          right: fact("given-other-label-form", { wanted: "cidata" }),
        };
  const userData = here.find((each) => each.path === "user-data" && isRead(each));
  if (userData !== undefined && path === "vendor-data") {
    const { size } = await stat(join(folder, path));
    const right = fact("given-file-unread-form", { wanted: "user-data" });
    return size === 0 ? null : { path, wanted: userData, wrong: fact("given-file-unread"), right };
  }
  const wanted = here.find((each) => isRead(each) && isNearly(name, basename(each.path)));
  // FAT finds a name in any case of letters.
  if (wanted === undefined || (await exists(join(folder, wanted.path)))) return null;
  const file = basename(wanted.path);
  return {
    path,
    wanted,
    wrong: fact("given-nearly-named", { wanted: file }),
    right: fact("given-nearly-named-form", { wanted: file }),
  };
}

/** Without regard to case, to - and _, and to the ending; YAML by its ending where that counts. */
function isNearly(name: string, wanted: string): boolean {
  if (bare(name) !== bare(wanted)) return false;
  if (!wanted.startsWith("outrider.")) return true;
  return /\.ya?ml/i.test(name) === wanted.endsWith(".yaml");
}

const bare = (name: string) =>
  name
    .toLowerCase()
    .replace(/(?:\.(?:txt|ya?ml|json|xml|cfg|conf))+$/, "")
    .replace(/[-_ ]/g, "");

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
