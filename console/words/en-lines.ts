import type { en } from "./en.ts";

/**
 * What line mode says in place of a text that speaks of keys which only move about on a screen. The
 * other keys have numbers in line mode, and are typed by their names there.
 */
export const enLines = {
  "banner.trial":
    "A change is being tried and reverts by itself in {time}. Type trial to look at it.",
  "form.overfull":
    "This is longer than {limit} characters, and the end of it was not taken. Choose its number and type it again.",
  "next.trial": "Look at the change that is being tried: type trial, then keep or revert it.",
  "diagnostics.typedGood":
    "What was tested of it works. 0 goes back to the form; Review applies it on trial.",
  "diagnostics.typedPartly":
    "What was tested of it works. Not tested: {subjects}. 0 goes back to the form; Review applies it on trial, which tests the rest.",
  "diagnostics.typedNothing":
    "Nothing of what is typed could be tested: {subjects}. 0 goes back to the form; Review applies it on trial, which tests it.",
  "review.yamlLines": "Lines {first} to {last} of {total}.",
  "hint.proxy.kind": "How the appliance reaches the platform.",
  "hint.console.keyboard": "The layout of the keyboard at the machine's own screen.",
  "hint.ipv4.method": "DHCP takes address, gateway and DNS from the network.",
  "welcome.hint.keyboard": "The layout of the keyboard at the machine's own screen.",
  "welcome.hint.trial": "Try the signs of your password, as @ or #. Nothing of it is kept.",
  "welcome.notYet": "The keys are still those of {keyboard}: choose Go on to take what you chose.",
  "help.welcome":
    "The layout of the keyboard at the machine's own screen. It is asked once, while nothing is set yet. 0 goes on without an answer: then it is that of the United States. A serial line or a terminal window is not asked: it brings its own layout.",
  "history.restoreHint": "F2 shows what would change, before these settings are tried.",
  "network.hint.review": "Its number shows what would change before anything does.",
  "proxy.hint.review": "Its number shows what would change before anything does.",
  "proxy.hint.password": "It is stored only on this appliance. Keyboard: {keyboard}.",
  "platform.hint.enrol":
    "Its number saves the address and enrols. The code is good for one appliance.",
  "certificates.pasteIntro":
    "Paste the certificate now, from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----.",
  "certificates.seenCompare":
    "Compare all of SHA-256 with what your network team gives you, by telephone or on paper. Whoever stands on the way can send any certificate. Only when it is the same: add it, then F2 to review and try it.",
  "logs.standing": "Lines {first} to {last} of {total}; f goes to the newest and follows.",
  "tools.hint.tool": "What is tried.",
  "tools.hint.type": "An address is looked up backwards.",
  "tools.hint.kind": "Contents are left out, passwords with them.",
  "tools.hint.seconds": "From {least} to {most}.",
  "tools.running": "Trying for {seconds} s; this takes {most} s at most.",
  "tools.capturing": "Capturing for {seconds} s.",
  "help.home":
    "Home shows what the appliance is doing. The line Next says what you should do, if anything. Call home lists the five services of the platform: with all of them OK the appliance is connected. Type the number of a menu entry to open it.",
  "help.proxy.password":
    "The password for the proxy. It is sent only to the proxy, is kept apart from the settings and never shown again. Leave it empty to keep the one that is set.",
  "help.diagnostics":
    "The checks go the way of a call to the platform: card, address, gateway, DNS, proxy, service. The first that fails is the one to repair. The number of a check shows its cause and remedy. Where a certificate's issuer is not trusted, t shows the authorities that were seen on the way; compare the fingerprint, and trust one without pasting it.",
  "help.more": "What is needed seldom. Type a number to open it.",
  "help.tools":
    "Ping: does the machine answer? Look-up: what does a DNS server say of a name? Trace: over which routers do connections to a port go, and which hop says no? TLS: which certificates does a host show, and what is agreed on? Capture: packets of this card for the next support bundle, without their contents, so that no password is in it. With two cards choose the one whose way you want to try: the scanned side's packets go as scans do, the other's as the agent's do. One tool runs at a time.",
  "help.logs":
    "The number of Log of chooses the log. F3 shows only lines that have certain words in them. Enter alone says the screen again, with the newest lines. Times are UTC.",
  "help.firewall":
    "What the appliance needs from a firewall between it and the platform, as things stand: from which address, to which names and ports. The addresses are those that were connected to so far; a name can get others. With a proxy the firewall has to let through the proxy only.",
} as const satisfies Partial<Record<keyof typeof en, string>>;
