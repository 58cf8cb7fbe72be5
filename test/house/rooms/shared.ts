import type { Room } from "./room.ts";

const base = "src/base/**";

/** The folders that every program of the project uses. */
export const sharedRooms: readonly Room[] = [
  {
    folder: "src/base",
    what: "clock, random numbers, log, durable files, validation, activation codes: injected everywhere",
    imports: ["src/base/messages"],
    because: "everybody stands on base, so base stands on nothing",
  },
  {
    folder: "src/base/addresses",
    what: "IP arithmetic of both families, ranges, scan targets",
    imports: ["src/base/messages"],
    because: "everybody stands on base, so base stands on nothing",
    pure: true,
  },
  {
    folder: "src/base/messages",
    what: "errors with codes, facts, and their English",
    imports: [],
    because: "everybody stands on base, so base stands on nothing",
    pure: true,
  },
  {
    folder: "src/protocol",
    what: "what appliance and platform say to each other",
    imports: [base, "src/protocol/schemas"],
    because: "appliance and platform share it, so it knows neither",
    pure: true,
  },
  {
    folder: "src/protocol/schemas",
    what: "the messages of the five services",
    imports: [base, "src/settings/model"],
    because: "appliance and platform share it, so it knows neither",
    pure: true,
  },
  {
    folder: "src/protocol/signature",
    what: "the profile of RFC 9421 and RFC 9530 that both sides sign with",
    imports: [base],
    because: "appliance and platform share it, so it knows neither",
    pure: true,
  },
  {
    folder: "src/settings/model",
    what: "schema, defaults, problems",
    imports: [base],
    because: "the wire, the forms and the checks share it",
    pure: true,
  },
  {
    folder: "src/settings/values",
    what: "single values of settings: what a text means, or what is wrong with it",
    imports: [base, "src/settings/model"],
    because: "settings are judged the same way everywhere, without looking at the machine",
    pure: true,
  },
  {
    folder: "src/settings/fields",
    what: "one file for each setting, and the list of them",
    imports: [base, "src/settings/model", "src/settings/values"],
    because: "forms, reviews, options and zero-touch follow from it, so it knows none of them",
    pure: true,
  },
  {
    folder: "src/settings/checks",
    what: "the rules that settings must keep together",
    imports: [base, "src/settings/model", "src/settings/values", "src/settings/fields"],
    because: "settings are judged the same way everywhere, without looking at the machine",
    pure: true,
  },
  {
    folder: "src/settings",
    what: "what can be set: YAML with comments, history, changes in words",
    imports: [base, "src/settings/**"],
    because: "settings are read where no configd runs: the console's forms and the platform's wire",
  },
  {
    folder: "src/settings/zero-touch",
    what: "sources of zero-touch and the names they use",
    imports: [base, "src/settings/**"],
    because: "a source is text; configd collects it",
  },
];
