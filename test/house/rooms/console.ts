import type { Room } from "./room.ts";

const asks = "the console never touches the system, only configd's client";
const lower = ["src/base/**", "src/protocol/schemas", "src/settings/**", "src/configd/api"];
const painting = ["console/frame", "console/page", "console/words"];

export const consoleRooms: readonly Room[] = [
  {
    folder: "console",
    what: "the terminal console: start and options",
    imports: ["src/base/**", "src/configd/api", "console/*"],
    because: asks,
  },
  {
    folder: "console/frame",
    what: "a painted screen as text and styles",
    imports: [],
    because: "every terminal paints it",
    pure: true,
  },
  {
    folder: "console/page",
    what: "pages of blocks and tables, laid out into a frame",
    imports: ["console/frame"],
    because: "a page does not know what it shows",
    pure: true,
  },
  {
    folder: "console/words",
    what: "the catalogue",
    imports: [...lower, "src/firewall-request"],
    because: "words are looked up, they do nothing",
    pure: true,
  },
  {
    folder: "console/fields",
    what: "form fields and their keys",
    imports: ["console/page", "console/words"],
    because: "a field does not know which screen it is on",
    pure: true,
  },
  {
    folder: "console/contract",
    what: "what a screen is: state, events, effects",
    imports: [...lower, ...painting],
    because: "screens and application meet in it",
    pure: true,
  },
  {
    folder: "console/screens/shared",
    what: "what several screens share",
    imports: [...lower, ...painting, "console/fields", "console/contract"],
    because: "it is shared, so it knows no screen",
    pure: true,
  },
  {
    folder: "console/screens/*",
    what: "one folder a screen: a pure model and a view",
    imports: [...lower, ...painting, "src/firewall-request", "console/fields"].concat([
      "console/contract",
      "console/screens/*",
    ]),
    because: asks,
    pure: true,
  },
  {
    folder: "console/screens",
    what: "the registry of screens",
    imports: ["console/contract", "console/screens/*"],
    because: "the registry only lists",
    pure: true,
  },
  {
    folder: "console/app",
    what: "the application: which screen is open, what its effects do",
    imports: [...lower, ...painting, "console/fields", "console/contract"].concat([
      "console/screens",
      "console/screens/shared",
      "console/screens/welcome",
    ]),
    because: asks,
    pure: true,
  },
  {
    folder: "console/terminal",
    what: "keys in, frames out; the only importer of blessed",
    imports: ["src/base/**", "console/frame", "console/page"],
    because: "a terminal does not know what it shows",
  },
  {
    folder: "console/plain",
    what: "the same screens as numbered lines",
    imports: ["src/base/**", ...painting, "console/app", "console/terminal"],
    because: asks,
  },
];
