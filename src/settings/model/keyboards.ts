/**
 * XKB's layouts (xkeyboard-config's base.lst) that a console can show: others need fonts and ways
 * of input that it does not have. The image has a map of each in /usr/lib/outrider/keymaps.
 */
export const latinLayouts = [
  ...[
    "us",
    "gb",
    "al",
    "at",
    "ba",
    "be",
    "br",
    "ca",
    "ch",
    "cz",
    "de",
    "dk",
    "ee",
    "es",
    "fi",
    "fo",
    "fr",
    "hr",
    "hu",
    "ie",
    "is",
    "it",
    "jp",
  ],
  ...[
    "latam",
    "lt",
    "lv",
    "md",
    "me",
    "mt",
    "nl",
    "no",
    "pl",
    "pt",
    "ro",
    "se",
    "si",
    "sk",
    "tr",
    "za",
  ],
] as const;

/**
 * Layouts of other letters: with these, Alt and Shift together switch between them and "us", since
 * addresses and codes are Latin.
 */
export const otherLayouts = ["bg", "by", "gr", "il", "kz", "mk", "rs", "ru", "ua"] as const;

export const keyboardLayouts = [...latinLayouts, ...otherLayouts] as const;
