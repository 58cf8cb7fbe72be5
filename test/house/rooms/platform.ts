import type { Room } from "./room.ts";

const wires = ["src/base/**", "src/protocol/**"];
const meets = "the platform meets the appliance only in the protocol";

export const platformRooms: readonly Room[] = [
  {
    folder: "src/platform",
    what: "the reference platform: options and start",
    imports: [...wires, "src/platform/*"],
    because: meets,
  },
  {
    folder: "src/platform/estimate",
    what: "what a scan costs, before it is started",
    imports: [...wires, "src/scan/**"],
    because: "an estimate comes from the very plans that the appliance makes",
  },
  {
    folder: "src/platform/store",
    what: "tables and queries; SQLite",
    imports: wires,
    because: "everything on the platform stands on the store",
  },
  {
    folder: "src/platform/certificates",
    what: "the certificate authority",
    imports: wires,
    because: "keys are made and kept apart from those who use them",
  },
  {
    folder: "src/platform/content",
    what: "the TUF repository",
    imports: wires,
    because: "keys are made and kept apart from those who use them",
  },
  {
    folder: "src/platform/https",
    what: "servers and their certificates, compression, limits of requests",
    imports: ["src/base/**", "src/platform/certificates"],
    because: "a server carries routes without knowing them",
  },
  {
    folder: "src/platform/services",
    what: "the five services, signed",
    imports: [...wires, "src/platform/certificates", "src/platform/content"].concat([
      "src/platform/https",
      "src/platform/store",
    ]),
    because: "appliances are served whether an operator looks or not",
  },
  {
    folder: "src/platform/operator",
    what: "what an operator can ask for and see, for page and API alike",
    imports: [...wires, "src/platform/content", "src/platform/services", "src/platform/store"],
    because: "page and API are two views of it",
  },
  {
    folder: "src/platform/api",
    what: "the operator's HTTP API, described by OpenAPI",
    imports: [
      ...wires,
      "src/platform/operator",
      "src/platform/services",
      "src/platform/store",
    ].concat(["src/platform/https"]),
    because: "what the API can do, the operator's part does",
  },
  {
    folder: "src/platform/web",
    what: "the page: sessions, assets, live updates",
    imports: [
      ...wires,
      "src/platform/operator",
      "src/platform/services",
      "src/platform/https",
    ].concat(["src/platform/web/*"]),
    because: "what the page can do, the operator's part does",
  },
  {
    folder: "src/platform/web/parts",
    what: "HTML that escapes, layout, forms",
    imports: [...wires, "src/platform/operator", "src/platform/web/browser"],
    because: "every page is made of them",
  },
  {
    folder: "src/platform/web/pages",
    what: "one file a page: its view and its routes",
    imports: [...wires, "src/platform/operator", "src/platform/services"].concat([
      "src/platform/https",
      "src/platform/web/browser",
      "src/platform/web/parts",
    ]),
    because: "a page is a view of the operator's part",
  },
  {
    folder: "src/platform/web/browser",
    what: "the little that runs in the browser",
    imports: [],
    because: "it is sent to the browser as it is, file by file",
  },
];
