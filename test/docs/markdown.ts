/** Blocks of code hold no links, and their lines that begin with # are no headings. */
function withoutCode(text: string): string {
  return text.replace(/^( *)```[^\n]*\n[\s\S]*?^\1```[ \t]*$/gm, "").replace(/`[^`\n]*`/g, "");
}

/** Targets of all inline links and pictures, in order. Titles behind a target are dropped. */
export function linksOf(text: string): string[] {
  return [...withoutCode(text).matchAll(/\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g)].flatMap(
    ([, target]) => target ?? [],
  );
}

/** The anchors of a page's headings, formed as GitHub and GitLab form them. */
export function slugsOf(text: string): string[] {
  const counts = new Map<string, number>();
  const prose = text.replace(/^( *)```[^\n]*\n[\s\S]*?^\1```[ \t]*$/gm, "");
  return [...prose.matchAll(/^#{1,6}\s+(.+?)\s*#*$/gm)].map(([, heading = ""]) => {
    const slug = heading
      .replace(/!?\[([^\]]*)\]\([^)]*\)/g, "$1")
      .toLowerCase()
      .replace(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, "")
      .replaceAll(" ", "-");
    const count = counts.get(slug) ?? 0;
    counts.set(slug, count + 1);
    return count === 0 ? slug : `${slug}-${count}`;
  });
}

/**
 * Names of the npm scripts that a page tells its reader to run. Names that stand for others, as
 * `matrix:NAME`, are left out.
 */
export function npmScriptsOf(text: string): string[] {
  return [...text.matchAll(/\bnpm (?:run (?:--?[\w=-]+ )*([\w:-]+)|(start|test)\b)/g)].flatMap(
    ([, run, short]) => {
      const name = run ?? short ?? "";
      return /[A-Z]/.test(name) ? [] : [name];
    },
  );
}

/**
 * Files and folders of the project that a page names as code, as `src/base/clock.ts`. Names that
 * stand for others, as `screens/NAME/model.ts`, and patterns are left out.
 */
export function pathsOf(text: string): string[] {
  return [...text.matchAll(/`((?:console|docs|image|packer|src|test)\/[\w./@-]*)`/g)].flatMap(
    ([, path = ""]) => (/[A-Z]{3,}/.test(path) ? [] : [path]),
  );
}
