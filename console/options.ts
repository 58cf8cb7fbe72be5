import { parseArgs } from "node:util";
import { type PaletteName, paletteFor } from "./terminal/palette.ts";

export interface ConsoleOptions {
  /** Name of the described machine of a dry run, or null for configd's own socket. */
  dryRunMachine: string | null;
  canLeave: boolean;
  /** Set by the unit of the machine's own screen, because TERM is "linux" elsewhere too. */
  atMachine: boolean;
  term: string;
  palette: PaletteName;
  pseudoLocale: boolean;
  /** Line mode: numbered lines instead of a screen. */
  plain: boolean;
}

export const usage = `usage: console [--plain] [--dry-run --machine NAME] [--palette colour|high-contrast|mono] [--pseudo-locale]

  --plain           numbered lines instead of a screen: for screen readers, dumb terminals and scripts
  --dry-run         over a described machine (src/simulation/machines/NAME.json): no root, nothing real is changed
  --machine NAME    which one; default one-nic
  --palette NAME    default: what TERM can show
  --pseudo-locale   accented, longer words, to see that every text comes from the catalogue
`;

export function parseConsoleOptions(
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
): ConsoleOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      "dry-run": { type: "boolean", default: false },
      machine: { type: "string", default: "one-nic" },
      palette: { type: "string" },
      plain: { type: "boolean", default: false },
      "pseudo-locale": { type: "boolean", default: false },
    },
  });
  const term =
    environment.TERM === undefined || environment.TERM === "" || environment.TERM === "dumb"
      ? "vt220"
      : environment.TERM;
  return {
    dryRunMachine: values["dry-run"] ? values.machine : null,
    canLeave: values["dry-run"] || environment.OUTRIDER_CONSOLE_LEAVE === "1",
    atMachine: environment.OUTRIDER_CONSOLE_KEYBOARD === "machine",
    term,
    palette: paletteFor(term, values.palette ?? environment.OUTRIDER_CONSOLE_PALETTE),
    pseudoLocale: values["pseudo-locale"],
    plain: values.plain,
  };
}
