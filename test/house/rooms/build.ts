import type { Room } from "./room.ts";

const base = "src/base/**";
const builds = "the build makes the image out of files; it runs none of the appliance's parts";
const plays = "the lab starts the appliance's and the platform's programs, it loads none of them";

export const buildRooms: readonly Room[] = [
  {
    folder: "image/cache",
    what: "built things by the content of their inputs",
    imports: [base],
    because: builds,
  },
  {
    folder: "image/run",
    what: "progress, log and end of a command",
    imports: [base],
    because: "every command of the build shows its progress by it",
  },
  {
    folder: "image/terminal",
    what: "a terminal emulator that people and tests look at",
    imports: [],
    because: "it shows whatever runs in it",
  },
  {
    folder: "image/bundle",
    what: "the programs as single files, with checks compiled",
    imports: [base, "src/configd/api"],
    because: builds,
  },
  {
    folder: "image/root",
    what: "the system layer: Debian, units, users",
    imports: [base, "src/settings/model", "src/scan/**", "image/bundle", "image/cache"].concat([
      "image/run",
    ]),
    because: builds,
  },
  {
    folder: "image/bundle/licence-texts",
    what: "licences of packages that come without them",
    imports: [],
    because: builds,
  },
  {
    folder: "image/root/overlay/**",
    what: "files laid over Debian's as they are",
    imports: [],
    because: builds,
  },
  {
    folder: "image/disk",
    what: "boot layer, partitions, slots",
    imports: [base, "image/cache", "image/ova/sources", "image/root", "image/run"],
    because: builds,
  },
  ...["boot", "initramfs", "overlay"].map((name) => ({
    folder: `image/disk/${name}/**`,
    imports: [],
    because: builds,
  })),
  {
    folder: "image/ova",
    what: "OVF, manifest, OVA",
    imports: [base, "image/ova/*"],
    because: builds,
  },
  {
    folder: "image/ova/sources",
    imports: [base],
    because: builds,
  },
  {
    folder: "image/ova/vmdk",
    what: "streamOptimized VMDK",
    imports: [base, "image/ova/sources"],
    because: builds,
  },
  {
    folder: "image/build",
    what: "`npm run ova`",
    imports: [base, "image/**"],
    because: builds,
  },
  {
    folder: "image/vm",
    what: "QEMU: keys, screen, serial line",
    imports: [base, "image/build", "image/run"],
    because: "a machine runs whatever disk it is given",
  },
  {
    folder: "image/lab",
    what: "the system layer booted in namespaces, with peers and a platform",
    imports: [base, "src/protocol/**", "src/platform/operator", "console/words"].concat([
      "console/screens/shared",
      "image/cache",
      "image/root",
      "image/run",
      "image/terminal",
    ]),
    because: plays,
  },
  {
    folder: "image/start",
    what: "`npm start`, `npm test`, `npm run lab`",
    imports: [base, "image/**"],
    because: plays,
  },
  {
    folder: "packer/**",
    what: "the template that boots and checks the disk",
    imports: [],
    because: builds,
  },
  {
    folder: "test/golden/**",
    what: "the console's screens as texts, a folder a screen",
    imports: [],
    because: "they are no code",
  },
  {
    folder: "test/testkit/**",
    what: "fakes and helpers of several tests",
    imports: ["src/**", "console/**", "image/**", "test/testkit/**"],
    because: "a helper does not know the tests that use it",
  },
  {
    folder: "test/**",
    what: "one folder of tests a room; `lab/` runs on the booted system, `matrix/` and `bench/` by hand",
    imports: ["src/**", "console/**", "image/**", "packer/**", "test/**"],
    because: "tests may look everywhere",
  },
];
