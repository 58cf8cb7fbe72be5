/** The English of F1 and of the list of keys: longer texts, a part of the catalogue in `en.ts`. */
export const enHelp = {
  "help.title": "Help",
  "help.keysTitle": "Keys",
  "help.keysHere": "Keys here",
  "help.field": "This field",
  "help.screen": "This screen",
  "help.none": "There is no more to say about this.",
  "help.close": "Any key goes back.",
  "help.home":
    "Home shows what the appliance is doing, second by second. The line Next says what you should do, if anything. Call home lists the five services of the platform: with all of them OK the appliance is connected. Press the number of a menu entry, or choose it with the arrows and Enter.",
  "help.network":
    "Here you set how the appliance gets its address. With DHCP the network gives address, gateway and DNS servers. With a static address you type all three; ask your network team for them. A change is reviewed first, then tried for two minutes: if you do not keep it, the old settings come back by themselves, so that you cannot lock yourself out.",
  "help.network.nic":
    "The network card that is used. Cards are told apart by their MAC address, which the hypervisor shows too. A card without link is not connected in the hypervisor.",
  "help.history":
    "Every change that was kept is remembered, with who made it; the last ten can be tried again. Trying one works as any change does: it is checked, and goes back by itself after two minutes unless you keep it. Passwords are not remembered: they stay as they are now.",
  "help.network.mode":
    "One card for all: scans and calls home use the same card. Two cards: LAN scans and WAN calls home, and guards in the packet filter make sure that neither does the other's work. With two cards each has its own addresses, and they must be in different networks.",
  "help.network.more":
    "Shows what only some networks need: IPv6, a VLAN tag, another MTU, and routes to networks behind other routers.",
  "help.network.ipv6":
    "Off: IPv6 is not used. Automatic: the router announces the network and the address makes itself (or DHCPv6 gives it). Static: type the address with its prefix, as 2001:db8::10/64, and the router's address.",
  "help.network.vlan":
    "The IEEE 802.1Q tag that this card's packets carry, from 1 to 4094. Leave it empty when the hypervisor or the switch takes care of VLANs, which is usual.",
  "help.network.mtu":
    "The largest packet. Leave it empty unless your network team told you a number: a wrong one makes large answers vanish.",
  "help.network.routes":
    "Networks that are not behind the gateway: each as network via router, as 10.0.0.0/8 via 192.0.2.2, with commas between. A metric can follow, as metric 50.",
  "help.network.method":
    "Automatic (DHCP): the network gives address, gateway and DNS servers. Static: you type them. Choose static when your network team gave you an address for this appliance.",
  "help.network.address":
    "The address of this appliance and the size of its network: 192.0.2.10/24, or 192.0.2.10 255.255.255.0. Ask your network team. An address that another machine has already makes both unreliable.",
  "help.network.gateway":
    "The router through which other networks are reached. It must be in the same network as the appliance's own address. Ask your network team.",
  "help.network.dns":
    "The servers that turn names, as the platform's, into addresses; up to six, separated by spaces. They may be in other networks.",
  "help.network.search": "Domains that are put behind short names. Nearly always empty.",
  "help.network.hostname":
    "The name under which this appliance shows itself on the platform and asks for its address by DHCP. Up to 63 letters, digits and hyphens.",
  "help.proxy":
    "If the appliance may not reach the platform directly, your network team runs a proxy. Type its name and port here, and a user and password if it asks for them. A change is tried first, as on the Network screen. F6 tests the settings that are active now.",
  "help.proxy.kind":
    "Direct: the appliance connects to the platform itself (TCP port 443). HTTP proxy: the proxy connects for it (method CONNECT). SOCKS5 proxy: the same by another protocol. Configuration file: a PAC file, whose address your network team gives, names the proxy.",
  "help.proxy.host": "Name or IP address of the proxy, without http:// and without the port.",
  "help.proxy.port": "The port on which the proxy listens, usually 3128 or 8080.",
  "help.proxy.authentication":
    "How the appliance proves who it is. Automatic takes the strongest way that the proxy offers: Negotiate, NTLM, Digest, then Basic. Choose one if automatic does not work, or none if the proxy asks for nothing. If you do not know, choose automatic: Diagnostics tells what the proxy asks for.",
  "help.proxy.user":
    "The user name for the proxy. With NTLM also as DOMAIN\\user, with Negotiate as user@REALM. With Basic it cannot contain a colon. Empty if the proxy asks for none.",
  "help.proxy.url":
    "The address of the proxy automatic configuration file. It is fetched directly, without a proxy.",
  "help.proxy.tls":
    "Whether the connection to the proxy itself is encrypted. Nearly always no; the platform's own encryption passes through either way.",
  "help.proxy.bypass":
    "What is called directly, not through the proxy: host names, domains as .example.org, addresses, and networks as 192.0.2.0/24.",
  "help.proxy.fallback":
    "No: while the proxy does not answer, the appliance waits for it. Yes: it calls the platform directly meanwhile. Your network team may not want that.",
  "help.proxy.password":
    "The password for the proxy. It is sent only to the proxy, is kept apart from the settings and never shown again. Ctrl-R shows what you are typing. Leave it empty to keep the one that is set.",
  "help.platform":
    "The appliance enrols with its platform once. On the platform's page, make an activation code; type the platform's address and the code here. The code proves both sides to each other, so that nobody between can take part. Afterwards this screen shows the services that your firewall must let through.",
  "help.platform.url":
    "Name of the platform's web page, as platform.example.org. https:// is put in front by itself; a port can follow, as :8443.",
  "help.platform.code":
    "The code from the platform's page: 20 letters and digits. Hyphens and lower case do not matter. The last two characters are check digits: a typing error is found before anything is sent.",
  "help.review":
    "On the left the setting, then its value now and the new one. Apply makes the new settings active on trial. F4 shows the netplan file that they become.",
  "help.trial":
    "The new settings are active now, but only on trial: when the time is over they go back by themselves. The checks compare what worked before with what works now. Choose Keep when all is well, Revert when not, More time to look around longer. A power cut during the trial brings the old settings back too.",
  "help.power": "Restart or switch off. Both ask once more. A running scan is not lost.",
  "help.diagnostics":
    "The checks go the way of a call to the platform: card, address, gateway, DNS, proxy, service. The first that fails is the one to repair. Up and Down show the cause and the remedy of each.",
  "help.more": "What is needed seldom. Press the number, or choose with the arrows and Enter.",
  "help.time":
    "Certificates are good from one moment to another, and the platform's replies are refused when they are too old. The appliance corrects for a wrong clock, but a right one is better. In a virtual machine the hypervisor's own clock often is the cause of a wrong one.",
  "help.time.servers":
    "NTP servers by name or address, separated by spaces; up to six. Empty takes those that DHCP gives, or else Debian's public ones.",
  "help.limits":
    "These limits are kept on this appliance. The platform cannot lift them: it can only exclude more.",
  "help.limits.exclusions":
    "Addresses, networks and ranges that no scan touches, separated by commas: 192.0.2.7, 198.51.100.0/24, 192.0.2.20-192.0.2.29. Think of machines that do not bear being scanned.",
  "help.limits.timeZone": "The time zone in which scan windows are meant, as Europe/Berlin or UTC.",
  "help.console":
    "The language of this console, the layout of the keyboard at the screen of the machine, and after how many minutes without a key it locks itself.",
  "help.console.language": "Only English is complete today.",
  "help.console.keyboard":
    "The layout by its name, with its XKB name in brackets. It is that of the keyboard at the machine's own screen; a serial line or a browser's window brings its own. Set it before you type a password.",
  "help.console.trial":
    "Type letters and signs that you need for a password: they are shown as they will be taken.",
  "help.console.lock":
    "After so many minutes without a key the console asks for the PIN. Nothing that was typed is lost. Without a PIN it never locks.",
  "help.pin":
    "With a PIN or password set, the console asks for it when it starts and when nobody pressed a key for a while. It is kept as a hash only. After three wrong ones each further try has to wait longer, up to five minutes. If it is forgotten: reset the appliance from the hypervisor's side by a new disk, or ask an administrator of the command line.",
  "help.lock":
    "Type the PIN or password that was set for this console. What was typed before on any screen is still there.",
  "help.support":
    "The bundle is a compressed archive with the appliance's state, settings, the result of the checks, and the logs. Passwords, keys and codes are taken out. F4 sends it to the platform. Where the platform is not reached, connect a USB stick with a FAT file system to the machine, choose it, and press F2.",
  "help.certificates":
    "If the way to the platform leads through a proxy that opens TLS, your network team has a certificate of its authority. Paste it here as PEM text, or load it from a USB stick or a disc. It is believed only on the way to the platform. The platform's replies are signed besides, so that such a proxy can read but never forge them.",
  "help.recovery":
    "Network reset: one card with an address by DHCP, at once, for an appliance that cannot be reached any more. Factory reset: everything that is this appliance's own is removed, and it starts as a new one; before that you type its name.",
  "help.tools":
    "Ping: does the machine answer? DNS look-up: which address has a name, as the DNS servers of this card see it? Trace route: over which routers do packets go? With two cards choose the one whose way you want to try.",
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
