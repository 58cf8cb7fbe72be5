/** The English of F1 and of the list of keys: longer texts, a part of the catalogue in `en.ts`. */
export const enHelp = {
  "help.title": "Help",
  "help.keysTitle": "Keys",
  "help.keysHere": "Keys here",
  "help.field": "This field",
  "help.screen": "This screen",
  "help.none": "There is no more to say about this.",
  "help.close": "Back",
  "help.home":
    "Home shows what the appliance is doing, second by second. The line Next says what you should do, if anything. Call home lists the five services of the platform: with all of them OK the appliance is connected. Press the number of a menu entry, or choose it with the arrows and Enter.",
  "help.network":
    "Here you set how the appliance gets its address. With DHCP the network gives address, gateway and DNS servers. With a static address you type all three; ask your network team for them. The console shows you a change before it makes it, and then tries it for two minutes. If you do not keep it, the old settings come back by themselves, so that you cannot lock yourself out.",
  "help.typed":
    "These checks use what you typed on the form; the active settings stay as they are. They reach proxy and platform over the network as it is now. Of a network that you typed they ask the card, the address, the gateway and the DNS servers; only a trial shows the rest. They store no password, but the proxy counts a wrong one as any other.",
  "help.history":
    "The appliance remembers every change that somebody kept, and who made it; you can try the last ten again. That works as any change does: the checks run, and the present settings come back by themselves after two minutes unless you keep it. It remembers no passwords: they stay as they are now.",
  "help.network.more":
    "Shows what only some networks need: IPv6, a VLAN tag, another MTU, and routes to networks behind other routers.",
  "help.proxy":
    "If the appliance may not reach the platform directly, your network team runs a proxy. Type its name and port here, and a user and password if it asks for them. A change is tried first, as on the Network screen. F6 tests what is typed before anything changes: whether the proxy answers, takes the log-in, and opens the way to the platform.",
  "help.proxy.password":
    "The password for the proxy. It is sent only to the proxy, is kept apart from the settings and never shown again. Ctrl-R shows what you are typing. Leave it empty to keep the one that is set.",
  "help.platform":
    "The appliance enrols with its platform once. On the platform's page, make an activation code; type the platform's address and the code here. The code proves both sides to each other, so that nobody between can take part. Afterwards this screen shows the services that your firewall must let through.",
  "help.platform.code":
    "The code from the platform's page: 20 letters and digits. Hyphens and lower case do not matter. The last two characters are check digits: a typing error is found before anything is sent.",
  "help.review":
    "On the left the setting, then its value now and the new one. Apply makes the new settings active on trial. F4 shows the netplan file that they become.",
  "help.trial":
    "The new settings are active now, but only on trial: when the time is over they go back by themselves. The checks compare what worked before with what works now. Choose Keep when all is well, Revert when not, More time to look around longer. When a check still fails that failed before too, the settings are not there yet: the first failure is shown with what to do, and Back to the form brings back the old settings and what you typed. A power cut during the trial brings the old settings back too.",
  "help.power": "Restart or switch off. Both ask once more. A running scan is not lost.",
  "help.diagnostics":
    "The checks go the way of a call to the platform: card, address, gateway, DNS, proxy, service. The first that fails is the one to repair. Up and Down show the cause and the remedy of each. Where a certificate's issuer is not trusted, t shows the authorities that were seen on the way; compare the fingerprint, and trust one without pasting it.",
  "help.more": "What is needed seldom. Press the number, or choose with the arrows and Enter.",
  "help.time":
    "Certificates are good from one moment to another, and the platform's replies are refused when they are too old. The appliance corrects for a wrong clock, but a right one is better. In a virtual machine the hypervisor's own clock often is the cause of a wrong one.",
  "help.limits":
    "These limits are kept on this appliance. The platform cannot lift them: it can only exclude more.",
  "help.console":
    "The language of this console, the layout of the keyboard at the screen of the machine, and after how many minutes without a key it locks itself.",
  "help.console.trial":
    "Type letters and signs that you need for a password: they are shown as they will be taken.",
  "help.pin":
    "With a PIN or password set, the console asks for it when it starts and when nobody pressed a key for a while. It is kept as a hash only. After three wrong ones each further try has to wait longer, up to five minutes. If it is forgotten: reset the appliance from the hypervisor's side by a new disk, or ask an administrator of the command line.",
  "help.lock":
    "Type the PIN or password that was set for this console. If it is forgotten: at a root shell of this machine, delete /data/outrider/secrets/console-pin; without one, attach a new disk in the hypervisor and set the appliance up again. What was typed before on any screen is still there while the console runs.",
  "help.support":
    "The bundle is a compressed archive with the appliance's state, settings, the result of the checks, and the logs. Passwords, keys and codes are taken out. F4 sends it to the platform. Where the platform is not reached, connect a USB stick with a FAT file system to the machine, choose it, and press F2.",
  "help.certificates":
    "If the way to the platform leads through a proxy that opens TLS, your network team has a certificate of its authority. Paste it here as PEM text, or load it from a USB stick or a disc. It is believed only on the way to the platform. The platform's replies are signed besides, so that such a proxy can read but never forge them.",
  "help.recovery":
    "Network reset: one card with an address by DHCP, at once, for an appliance that cannot be reached any more. Factory reset: everything that is this appliance's own is removed, and it starts as a new one; before that you type its name.",
  "help.tools":
    "Ping: does the machine answer? Look-up: what does a DNS server say of a name? Trace: over which routers do connections to a port go, and which hop says no? TLS: which certificates does a host show, and what is agreed on? Capture: packets of this card for the next support bundle, without their contents, so that no password is in it. With two cards choose the one whose way you want to try: the scanned side's packets go as scans do, the other's as the agent's do. One tool runs at a time; Esc stops it.",
  "help.logs":
    "Left and Right choose the log. F3 shows only lines that have certain words in them. New lines are shown as they come; with the arrows or Page Up you look at older ones, End goes back to the newest. Times are UTC.",
  "help.scans":
    "Scans are started on the platform's page. Here you see those that run or wait, and how the last one ended. With s a scan is stopped: what was found until then is sent.",
  "help.firewall":
    "What the appliance needs from a firewall between it and the platform, as things stand: from which address, to which names and ports. The addresses are those that were connected to so far; a name can get others. With a proxy the firewall has to let through the proxy only. Up and Down scroll.",
  "help.egress":
    "The appliance keeps a list of every destination that it or its checks and scans contacted. What your firewall's log shows from this appliance and is not in this list is a fault: report it. A dash instead of a number: the system's own services go there, and nobody counts.",
  "help.updates":
    "What the platform has published, and how far it is here. Known: it will be fetched. Fetched: it is here, and its signature was right. Refused: something is wrong with it, as the line below the list says. F5 asks the platform now.",

  "keys.move": "Move the focus",
  "keys.enter": "Open, choose, or do",
  "keys.escape": "Back to the screen before",
  "keys.page": "Scroll what is longer than the screen",
  "keys.f10": "Home, from everywhere",
  "keys.f1": "Help on the field or the screen",
  "keys.question": "This list (outside of text fields)",
  "keys.f9": "The change that is being tried",
  "keys.repaint": "Paint the screen anew",
  "keys.numbers": "Menu entries on Home",
  "keys.edit": "In a text field:",
  "keys.homeEnd": "Begin or end of the text",
  "keys.delete": "Delete at or before the cursor",
  "keys.clear": "Clear up to the cursor",
  "keys.word": "Delete the word before the cursor",
  "keys.reveal": "Show or hide a password",
  "keys.leave": "Leave this console",
} as const;
