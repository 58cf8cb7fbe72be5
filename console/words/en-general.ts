/** The English of frame, keys, forms and line mode: a part of the catalogue in `en.ts`. */
export const enGeneral = {
  product: "Outrider",

  simulated: "SIMULATED machine {name}",

  "clock.synchronized": "{time} UTC",
  "clock.unsynchronized": "{time} UTC (unsure)",

  "layout.tooSmall":
    "This window is too small: Outrider needs 80 columns and 24 rows. Nothing is lost; enlarge the window.",
  "layout.moreAbove": "more above: PgUp",
  "layout.moreBelow": "more below: PgDn",

  "banner.noConfigd": "The configuration service does not answer. Trying again; nothing is lost.",
  "banner.reset": "Everything is being removed. The appliance then starts as a new one.",
  "banner.reboot": "The appliance restarts.",
  "banner.poweroff": "The appliance is being switched off.",
  "banner.starting": "Waiting for the configuration service...",
  "banner.trial":
    "A change is being tried and reverts by itself in {time}. Press F9 to look at it.",
  "banner.settingsLastGood":
    "The settings file could not be read: the last good settings are used. Save them again on the Network screen.",
  "banner.settingsDefaults":
    "The settings file could not be read: the settings of a new appliance are used. Set them again.",

  "keyName.tab": "Tab",
  "keyName.shift": "Shift",
  "keyName.ctrl": "Ctrl",
  "keyName.enter": "Enter",
  "keyName.escape": "Esc",
  "keyName.pageUp": "PgUp",
  "keyName.pageDown": "PgDn",
  "keyName.home": "Home",
  "keyName.end": "End",
  "keyName.delete": "Delete",
  "keyName.backspace": "Backspace",

  "key.arrows": "Arrows",
  "key.move": "Move",
  "key.open": "Open",
  "key.press": "Do it",
  "key.back": "Back",
  "key.help": "Help",
  "key.keys": "Keys",
  "key.repaint": "Repaint",
  "key.leave": "Leave",
  "key.next": "Next field",
  "key.choose": "Choose",
  "key.trust": "It is the same: add",
  "key.trustSeen": "Trust",
  "key.review": "Review",
  "key.apply": "Apply",
  "key.reveal": "Show or hide",
  "key.scroll": "Scroll",
  "key.yaml": "Netplan YAML",
  "key.changes": "Changes",
  "key.again": "All again",
  "key.enrol": "Enrol",
  "key.test": "Test what is typed",
  "key.lease": "Take DHCP's",
  "key.swap": "Swap cards",
  "key.renew": "Renew lease",
  "key.history": "Earlier",
  "key.restore": "Try these",
  "key.callNow": "Call now",
  "key.menu": "Home",

  "plain.welcome":
    "Outrider, line by line. Type a number and Enter to choose what stands behind it. 0 goes back, Enter alone says the screen again, ? helps.",
  "plain.prompt": "Number:",
  "plain.empty": "(empty)",
  "plain.choose": "{label}: type the number of one. Enter alone leaves it as it is.",
  "plain.type": "{label}: type the new text. Enter alone leaves it as it is, - empties it.",
  "plain.typeSecret": "{label}: type it; it is not shown. Enter alone leaves it as it is.",
  "plain.noNumber": "There is no number {number} here.",
  "plain.noWay": "This cannot be chosen now.",
  "plain.pasteStopped": "The text has no end: nothing of it was taken.",
  "plain.notUnderstood": "Not understood: {typed}",
  "plain.commands":
    "Commands: a number; 0 or back; home; ? or help; ? and a number for help on it; trial; leave; the name of a key that a text speaks of, as F4; Enter alone to hear the screen again.",
  "plain.command.back": "back",
  "plain.command.home": "home",
  "plain.command.help": "help",
  "plain.command.trial": "trial",
  "plain.command.leave": "leave",

  "ago.now": "just now",
  "ago.seconds": "{count} s ago",
  "ago.minutes": "{count} min ago",
  "ago.hours": "{count} h ago",
  "ago.days": "{count} days ago",

  "uptime.minutes": "{minutes} min",
  "uptime.hours": "{hours} h {minutes} min",
  "uptime.days": "{days} d {hours} h",

  "in.now": "now",
  "in.time": "in {time}",

  "form.unsavedTitle": "Unsaved changes",
  "form.unsaved": "You changed something on the screen {screen} and did not apply it.",
  "form.unsavedTrial":
    "The change on the screen {screen} is being tried and not kept yet. It goes on being tried; but if it goes back, you have to type it again.",
  "form.stay": "Go on editing",
  "form.discard": "Discard the changes",
  "form.errors": "Correct the fields marked with ! first.",
  "form.noChange": "Nothing is changed: there is nothing to review.",
  "form.overfull":
    "This is longer than {limit} characters, and the end of it was not taken. Empty the field with Ctrl-U and type it again.",
  "form.serverRefused": "The configuration service refused this. {what} {remedy}",

  "call.notEnrolled":
    "The appliance is not enrolled yet: there is no platform to call. 3 opens the Platform screen.",
  "call.asked": "The appliance calls the platform now.",
  "call.failed": "{what} {remedy}",
} as const;
