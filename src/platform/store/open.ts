import { applianceStore } from "./appliance-store.ts";
import { codeStore } from "./code-store.ts";
import { commandStore } from "./command-store.ts";
import { openDatabase } from "./database.ts";
import { jobStore } from "./job-store.ts";
import { journalStore } from "./journal-store.ts";
import { resultStore } from "./result-store.ts";
import { sessionStore } from "./session-store.ts";
import { settingsStore } from "./settings-store.ts";
import type { Store } from "./store.ts";

export async function openStore(path: string): Promise<Store> {
  const database = await openDatabase(path);
  return {
    settings: settingsStore(database),
    codes: codeStore(database),
    appliances: applianceStore(database),
    jobs: jobStore(database),
    commands: commandStore(database),
    results: resultStore(database),
    sessions: sessionStore(database),
    journal: journalStore(database),
    close: () => database.destroy(),
  };
}
