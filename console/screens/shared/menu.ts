import { screensIn } from "../../contract/screens.ts";

/** The home screen's menu. A screen without a label in the catalogue does not compile. */
export const menu = screensIn("home").map((screen) => ({
  screen,
  label: `menu.${screen}` as const,
}));

/** The menu of seldom used screens, with a description of each. */
export const moreMenu = screensIn("more").map((screen) => ({
  screen,
  label: `menu.${screen}` as const,
  about: `more.${screen}` as const,
}));
