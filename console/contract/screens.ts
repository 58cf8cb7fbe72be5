/**
 * Every screen, and the menu in which it stands: the one of the home screen or the one of seldom
 * used screens ("more"), in the order in which operators need them; null for a screen that only
 * other screens open. console/screens/registry.ts opens them.
 */
export const screens = {
  home: null,
  welcome: null,
  network: "home",
  proxy: "home",
  enrolment: "home",
  diagnostics: "home",
  power: "home",
  scans: "home",
  logs: "home",
  updates: "home",
  more: "home",
  certificates: "more",
  time: "more",
  limits: "more",
  console: "more",
  pin: "more",
  support: "more",
  recovery: "more",
  firewall: "more",
  egress: "more",
  history: null,
  tools: null,
  review: null,
  trial: null,
} as const satisfies Record<string, "home" | "more" | null>;

export type ScreenName = keyof typeof screens;

type ScreenIn<Menu> = {
  [Name in ScreenName]: (typeof screens)[Name] extends Menu ? Name : never;
}[ScreenName];

/** The screens of a menu, in its order. */
export function screensIn<Menu extends "home" | "more">(menu: Menu): ScreenIn<Menu>[] {
  const isIn = (name: string): name is ScreenIn<Menu> => Reflect.get(screens, name) === menu;
  return Object.keys(screens).filter(isIn);
}
