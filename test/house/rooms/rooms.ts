import { applianceRooms } from "./appliance.ts";
import { buildRooms } from "./build.ts";
import { consoleRooms } from "./console.ts";
import { platformRooms } from "./platform.ts";
import type { Keeper, Room } from "./room.ts";
import { sharedRooms } from "./shared.ts";

/** Every folder with TypeScript in it. ARCHITECTURE.md's table is made from this. */
export const rooms: readonly Room[] = [
  ...sharedRooms,
  ...applianceRooms,
  ...platformRooms,
  ...consoleRooms,
  ...buildRooms,
];

export const keepers: readonly Keeper[] = [
  {
    packages: ["blessed"],
    rooms: ["console/terminal", "test/**"],
    because: "only console/terminal imports blessed, so that it can be replaced there",
  },
  {
    packages: ["undici"],
    rooms: ["src/transport", "src/transport/pac", "test/**"],
    because: "the way to a URL leads over src/transport, which names the stage that fails",
  },
  {
    packages: ["fastify"],
    rooms: ["src/platform/**", "test/**"],
    because: "nothing listens on the appliance's networks",
  },
  {
    packages: ["kysely", "node:sqlite"],
    rooms: ["src/platform/store", "test/**"],
    because: "only the store speaks to the database",
  },
  {
    packages: ["quickjs-wasi"],
    rooms: ["src/transport/pac"],
    because: "a PAC file runs in a process of its own",
  },
  {
    packages: ["systeminformation"],
    rooms: ["src/agent/health"],
    because: "it costs 20 MB, so the inventory runs in a process of its own",
  },
  {
    packages: ["ajv"],
    rooms: ["src/base", "image/bundle", "test/**"],
    because: "checks are compiled when the image is built",
  },
];
