/** XKB's layouts (xkeyboard-config's base.lst) that a console can show: others need fonts and ways of input that it does not have. */
export const keyboardLayouts = [
  ...["us", "gb", "al", "at", "be", "br", "by", "ba", "bg", "ca", "ch", "cz", "de", "dk", "ee", "es", "fi", "fo", "fr", "gr", "hr", "hu", "ie"],
  ...["il", "is", "it", "jp", "kz", "latam", "lt", "lv", "md", "me", "mk", "mt", "nl", "no", "pl", "pt", "ro", "rs", "ru", "se", "si", "sk"],
  ...["tr", "ua", "za"],
] as const;
