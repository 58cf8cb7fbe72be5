import { enKeyboards } from "./en-keyboards.ts";

/**
 * The English of the Network, Proxy and Platform screens and of earlier settings: a part of the
 * catalogue in `en.ts`.
 */
export const enSettings = {
  ...enKeyboards,
  "network.title": "Network",
  "network.nicFirst": "first card ({name} {mac})",
  "network.nicFree": "first free card ({name} {mac})",
  "network.nicFirstNone": "first card",
  "network.nicOption": "{name} {mac} {link}",
  "network.sectionLan": "LAN: scans",
  "network.sectionWan": "WAN: calls home",
  "network.more": "More settings",
  "network.hint.more": "IPv6, VLAN tag, MTU and routes. Most networks need none of them.",
  "network.hint.nicLan": "The card that is used for scanning, and for nothing else.",
  "network.hint.nicWan": "The card that is used for calling home, and for nothing else.",
  "network.hint.gatewayOptional": "Optional: the router to other networks that shall be scanned.",
  "network.note.gone":
    "This card is not there any more: choose another, or add it again in the hypervisor.",
  "network.renewed": "The DHCP server was asked for the lease anew.",
  "network.noSwap": "There is nothing to swap: choose two network cards first.",
  "network.swapUnknown": "A side has no card: choose one for each side before they are swapped.",
  "network.swapped":
    "The two cards have changed places in this form. Review the change to apply it.",
  "history.title": "Earlier settings",
  "history.intro":
    "The settings that somebody kept, the newest first. You can try one of them again, as any other change.",
  "history.waiting": "Reading...",
  "history.none": "No settings were kept yet.",
  "history.column.when": "Kept (UTC)",
  "history.column.who": "By",
  "history.column.what": "What changed",
  "history.present": "the present settings",
  "history.first": "the oldest that is remembered",
  "history.changed": "What it changed",
  "history.why": "Why: {why}",
  "history.restoreHint": "Enter shows what would change, before these settings are tried.",
  "history.differs": "These settings, and those of now",
  "history.column.then": "These",
  "history.same": "These settings are the same as those of now.",
  "origin.console": "console",
  "origin.commandLine": "command line",
  "origin.platform": "platform",
  "origin.zeroTouch": "zero-touch",
  "origin.recovery": "recovery",
  "origin.byHand": "file edited",
  "form.no": "no",
  "form.yes": "yes",
  "network.intro": "A change is reviewed first, then tried; nothing is kept until you say so.",
  "network.now": "Now on {nic}: {addresses}, {gateway}, {dns}",
  "network.nowNone": "Now on {nic}: no address",
  "network.reviewButton": "Review the change",
  "network.hint.dnsLease": "Empty: those that DHCP gives. Or one or more, separated by spaces.",
  "network.noCard":
    "The card of this side is not there. Choose another, or add it again in the hypervisor.",
  "network.noCardLeft":
    "No card is left for this side. Add one to the virtual machine in the hypervisor.",
  "network.hint.review": "Enter shows what would change before anything does.",
  "network.note.link": "This card has no link now: connect it in the hypervisor.",
  "network.note.linkOther":
    "This card has no link now: connect it in the hypervisor, or choose {other} (its link is up).",
  "network.leaseTaken": "Address, gateway and DNS servers are those that DHCP gave.",
  "network.noLease": "DHCP has given no address that could be taken over.",

  "proxy.title": "Proxy",
  "proxy.intro": "Set this only if the way to the platform leads through a proxy.",
  "proxy.password": "Password",
  "proxy.apart": "Taken apart: {host}, port {port}.",
  "proxy.passwordKept": "A password is set. Leave this empty to keep it.",
  "proxy.passwordLong": "A password has at most {longest} characters.",
  "proxy.passwordDrawn":
    "Not every screen can show each sign of it: one may stand here as another. It is taken as you typed it.",
  "proxy.passwordMissing": "No password is set. Some proxies take an empty one.",
  "proxy.reviewButton": "Review the change",
  "proxy.hint.password":
    "Ctrl-R shows or hides what you type. It is stored only on this appliance. Keyboard: {keyboard}.",
  "proxy.hint.review": "Enter shows what would change before anything does.",

  "platform.title": "Platform",
  "platform.enrolled": "This appliance is enrolled with {platform} as {name}.",
  "platform.reEnrol": "To enrol it again, enter an address and a new activation code.",
  "platform.intro": "Enter what the platform's page shows when an activation code is made.",
  "platform.code": "Activation code",
  "platform.enrolButton": "Enrol this appliance",
  "platform.hint.code":
    "20 letters and digits in four groups; hyphens are put in for you. O is read as 0, I and L as 1.",
  "platform.hint.enrol": "Enter saves the address and enrols. The code is good for one appliance.",
  "platform.codeKept": "A code is kept. Leave this empty to use it.",
  "platform.codeTyped": "{typed} of 20 characters.",
  "platform.codeGood": "The check digits are right.",
  "platform.codeCharacter":
    "Character {position} ({character}) is not used in activation codes. Compare it with the platform's page.",
  "platform.codeShort": "The code has {length} of 20 characters. Type the rest.",
  "platform.codeLong":
    "The code has {length} characters, but should have 20. Remove what is too many.",
  "platform.codeLikely":
    "The check digits do not fit. Character {position} ({character}) in group {group} looks wrong: compare it with the platform's page.",
  "platform.codeWrong":
    "The check digits do not fit: more than one character is wrong, or two are swapped. Compare all with the platform's page.",
  "platform.progress": "State",
  "platform.sending": "Saving address and code...",
  "platform.saved":
    "Address and code are saved. The appliance enrols now; the state is shown below.",
  "platform.services": "Services. F4 makes a text for the administrator of your firewall.",
  "platform.ipRanges": "IP ranges: {ranges}",
  "platform.noServices":
    "The addresses of the services are shown here once the appliance is enrolled.",
  "platform.noUrl": "not known yet",

  "service.enrolment": "enrolment",
  "service.health": "health",
  "service.updates": "updates",
  "service.jobs": "jobs",
  "service.results": "results",
} as const;
