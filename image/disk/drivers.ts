import { basename } from "node:path";

/** The lists that depmod keeps beside a kernel's modules. */
export interface ModuleIndex {
  /** modules.dep: each loadable module's path with the paths of those that it needs. */
  dependencies: ReadonlyMap<string, readonly string[]>;
  /** modules.builtin, by name. */
  builtin: ReadonlySet<string>;
}

export interface WantedDriver {
  /** A module's name, or a folder that ends with a slash. */
  name: string;
  purpose: string;
  initramfs: boolean;
}

export interface Selection {
  /** Paths below the kernel's module folder, sorted. */
  files: string[];
  /** Names of the modules that the initramfs contains. */
  initramfs: string[];
}

/** drivers.txt: headings in brackets, then names; `#` begins a comment. */
export function parseDrivers(text: string): WantedDriver[] {
  const wanted: WantedDriver[] = [];
  let heading: { purpose: string; initramfs: boolean } | undefined;
  for (const raw of text.split("\n")) {
    const line = raw.replace(/#.*/, "").trim();
    if (line === "") continue;
    const [, title] = /^\[(.+)\]$/.exec(line) ?? [];
    if (title !== undefined) {
      heading = {
        purpose: title.replace(/, initramfs$/, ""),
        initramfs: title.endsWith(", initramfs"),
      };
    } else {
      if (!heading) throw new SyntaxError(`${line} stands before the first heading`);
      if (!/^[A-Za-z0-9_/-]+$/.test(line))
        throw new SyntaxError(`${JSON.stringify(line)} is not a module`);
      wanted.push({ name: line, ...heading });
    }
  }
  return wanted;
}

export function parseModuleIndex(dependencies: string, builtin: string): ModuleIndex {
  const index = new Map<string, string[]>();
  for (const line of dependencies.split("\n")) {
    const [path, needs] = line.split(":");
    if (path && needs !== undefined) index.set(path, needs.split(" ").filter(Boolean));
  }
  return {
    dependencies: index,
    builtin: new Set(builtin.split("\n").filter(Boolean).map(moduleName)),
  };
}

/** modprobe(8): dashes and underscores are the same. */
export function moduleName(path: string): string {
  return basename(path)
    .replace(/\.ko(\.[a-z]+)?$/, "")
    .replaceAll("-", "_");
}

/**
 * The wanted modules and their dependencies. Throws an Error that names the modules that this
 * kernel has neither loadable nor built in.
 */
export function selectModules(index: ModuleIndex, wanted: readonly WantedDriver[]): Selection {
  const byName = new Map([...index.dependencies.keys()].map((path) => [moduleName(path), path]));
  const files = new Set<string>();
  const initramfs = new Set<string>();
  const missing: string[] = [];
  for (const driver of wanted) {
    const paths = pathsOf(driver.name, index, byName);
    if (!paths) missing.push(driver.name);
    for (const path of paths ?? []) {
      for (const file of withDependencies(path, index)) {
        files.add(file);
        if (driver.initramfs) initramfs.add(moduleName(file));
      }
    }
  }
  if (missing.length > 0) throw new RangeError(`the kernel has no ${missing.join(", ")}`);
  return { files: [...files].sort(), initramfs: [...initramfs].sort() };
}

function pathsOf(
  name: string,
  index: ModuleIndex,
  byName: ReadonlyMap<string, string>,
): string[] | undefined {
  if (name.endsWith("/")) {
    const inside = [...index.dependencies.keys()].filter((path) => path.startsWith(name));
    return inside.length > 0 ? inside : undefined;
  }
  const path = byName.get(moduleName(name));
  if (path !== undefined) return [path];
  return index.builtin.has(moduleName(name)) ? [] : undefined;
}

function withDependencies(path: string, { dependencies }: ModuleIndex): Set<string> {
  const files = new Set<string>();
  const open = [path];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (files.has(next)) continue;
    files.add(next);
    open.push(...(dependencies.get(next) ?? []));
  }
  return files;
}
