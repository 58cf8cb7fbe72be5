/** The English of F1 and of the list of keys: longer texts, a part of the catalogue in `en.ts`. */
export const enHelp = {
  "help.title": "Help",
  "help.keysTitle": "Keys",
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
  "help.network.method":
    "Automatic (DHCP): the network gives address, gateway and DNS servers. Static: you type them. Choose static when your network team gave you an address for this appliance.",
  "help.network.address":
    "The address of this appliance and the size of its network: 192.0.2.10/24, or 192.0.2.10 255.255.255.0. Ask your network team. An address that another machine has already makes both unreliable.",
  "help.network.gateway":
    "The router through which other networks are reached. It must be in the same network as the appliance's own address. Ask your network team.",
  "help.network.dns": "The servers that turn names, as the platform's, into addresses; up to six, separated by spaces. They may be in other networks.",
  "help.network.search": "Domains that are put behind short names. Nearly always empty.",
  "help.network.hostname":
    "The name under which this appliance shows itself on the platform and asks for its address by DHCP. Up to 63 letters, digits and hyphens.",
  "help.proxy":
    "If the appliance may not reach the platform directly, your network team runs an HTTP proxy. Type its name and port here, and a user and password if it asks for them. A change is tried first, as on the Network screen.",
  "help.proxy.kind": "Direct: the appliance connects to the platform itself (TCP port 443). Through an HTTP proxy: the proxy connects for it (method CONNECT).",
  "help.proxy.host": "Name or IP address of the proxy, without http:// and without the port.",
  "help.proxy.port": "The port on which the proxy listens, usually 3128 or 8080.",
  "help.proxy.authentication":
    "Whether the proxy wants a user name and a password. If you do not know, choose none: Diagnostics tells when the proxy asks for them.",
  "help.proxy.user": "The user name for the proxy. It cannot contain a colon.",
  "help.proxy.password":
    "The password for the proxy. It is sent only to the proxy, is kept apart from the settings and never shown again. Ctrl-R shows what you are typing. Leave it empty to keep the one that is set.",
  "help.platform":
    "The appliance enrols with its platform once. On the platform's page, make an activation code; type the platform's address and the code here. The code proves both sides to each other, so that nobody between can take part. Afterwards this screen shows the services that your firewall must let through.",
  "help.platform.url": "Name of the platform's web page, as platform.example.org. https:// is put in front by itself; a port can follow, as :8443.",
  "help.platform.code":
    "The code from the platform's page: 20 letters and digits. Hyphens and lower case do not matter. The last two characters are check digits: a typing error is found before anything is sent.",
  "help.review":
    "On the left the setting, then its value now and the new one. Apply makes the new settings active on trial. F4 shows the netplan file that they become.",
  "help.trial":
    "The new settings are active now, but only on trial: when the time is over they go back by themselves. The checks compare what worked before with what works now. Choose Keep when all is well, Revert when not, More time to look around longer. A power cut during the trial brings the old settings back too.",
  "help.power": "Restart or switch off. Both ask once more. A running scan is not lost.",
  "help.diagnostics":
    "The checks go the way of a call to the platform: card, address, gateway, DNS, proxy, service. The first that fails is the one to repair. Up and Down show the cause and the remedy of each.",
  "help.unsaved": "The form has changes that were not applied.",

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
