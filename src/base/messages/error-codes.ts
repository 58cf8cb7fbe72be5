/**
 * The error codes: one list, rendered by the console, the doctor, the platform's pages, the command
 * line and docs/operate/errors.md. This file is data, so it may be longer than files of code are.
 */

/** The part of the way at which something fails; the sections of docs/operate/errors.md. */
export const stages = [
  "interface",
  "address",
  "dns",
  "routing",
  "firewall",
  "proxy",
  "tls",
  "service",
  "identity",
  "settings",
  "scan",
  "storage",
] as const;
export type Stage = (typeof stages)[number];

/** Whole English sentences of at most 200 characters each. */
export interface ErrorDescription {
  stage: Stage;
  /** What happened. */
  what: string;
  /** The usual cause. */
  why: string;
  /** What the operator can do about it. */
  remedy: string;
}

export const errorCodes = {
  // interface and address
  "link-down": {
    stage: "interface",
    what: "The network interface has no link.",
    why: "The virtual cable is not connected, or the adapter is on no network.",
    remedy:
      "In the hypervisor, tick 'connected' for this adapter and check which network it is on.",
  },
  "link-half-duplex": {
    stage: "interface",
    what: "The network card agreed on half duplex with the switch.",
    why: "One side is set to a fixed speed and the other one negotiates: packets collide, and large transfers crawl.",
    remedy:
      "Ask the network team to set both ends of the cable to automatic negotiation, or both to the same fixed speed and duplex.",
  },
  "link-slow": {
    stage: "interface",
    what: "The network card agreed on no more than 10 Mb/s.",
    why: "The cable or a plug is damaged, or the port of the switch is set to 10 Mb/s.",
    remedy: "Ask the network team to try another cable and to look at the port's setting.",
  },
  "interface-missing": {
    stage: "interface",
    what: "The network interface is not there.",
    why: "The adapter was removed from the virtual machine, or replaced by one with another MAC address.",
    remedy: "Add the adapter again, or choose another one on the Network screen.",
  },
  "interface-added": {
    stage: "interface",
    what: "A network interface is new.",
    why: "An adapter was added to the virtual machine. It has no role, and takes none from another.",
    remedy: "Give it a role on the Network screen, or take it out again.",
  },
  "interface-replaced": {
    stage: "interface",
    what: "Another network interface has taken the place of the one that was here.",
    why: "The machine was restored, copied or moved, or its adapter was replaced: it has another MAC address now. It is the only one, or it is where the other one was.",
    remedy:
      "If that is as it should be, choose this adapter as the network card on the Network screen, and keep that. Reservations at a DHCP server are by MAC address.",
  },
  "same-network": {
    stage: "routing",
    what: "LAN and WAN are in the same network.",
    why: "Both adapters are on one virtual network, or two DHCP servers give out addresses of one range: nothing says which way a packet goes.",
    remedy:
      "In the hypervisor, put the adapters on different networks, or use one of them for all.",
  },
  "in-lan-network": {
    stage: "routing",
    what: "The platform or the proxy is in the LAN's network, where nothing but scans goes in split mode.",
    why: "The address that the LAN was given covers it.",
    remedy: "Use one that is reached over the WAN, or use one network card for all.",
  },
  "packets-stopped": {
    stage: "routing",
    what: "Packets were stopped that would have left by the wrong side.",
    why: "Something on the appliance did not keep to its side. Nothing got out, but it should not have tried.",
    remedy: "Send a support bundle to the platform's operator.",
  },
  "answers-stopped": {
    stage: "routing",
    what: "Answers of the system itself had no way out by their own side, and were stopped.",
    why: "This is usual when a card loses its link, its address or its role during a scan: the system's error messages about the scan's packets would have left by the other card. Nothing got out.",
    remedy:
      "Nothing, when a card was down. When the count grows while all links are up, send a support bundle to the platform's operator.",
  },
  "no-address": {
    stage: "address",
    what: "The interface has no IP address.",
    why: "No DHCP server answered on this network.",
    remedy: "Check that DHCP serves this network, or set a static address on the Network screen.",
  },
  "lease-not-renewed": {
    stage: "address",
    what: "The DHCP server does not renew the lease of the address.",
    why: "The server that gave it is gone, or a firewall stops UDP ports 67 and 68 to it. The address is given up when the lease ends.",
    remedy:
      "Ask the network team about the DHCP server shown, or set a static address on the Network screen.",
  },
  "address-duplicate": {
    stage: "address",
    what: "Another machine uses the same IP address.",
    why: "The address was given out twice, or typed on two machines. Packets reach now the one and now the other.",
    remedy:
      "Find the machine by the MAC address shown, or set an address that is free on the Network screen. With DHCP, ask the network team to reserve it.",
  },
  "gateway-silent": {
    stage: "routing",
    what: "The gateway does not answer.",
    why: "The gateway's address is wrong, or the adapter is on another network.",
    remedy: "Check the gateway on the Network screen and the adapter's network in the hypervisor.",
  },
  "no-route": {
    stage: "routing",
    what: "There is no route to the address.",
    why: "No default gateway is set, or the interface is down.",
    remedy: "Set a gateway on the Network screen.",
  },
  "family-missing": {
    stage: "routing",
    what: "The address shown is of an IP version that this appliance does not have.",
    why: "Its network has only the other one. NAT64 helps names alone: DNS64 makes IPv6 addresses for names, never for an IPv4 address that was typed.",
    remedy:
      "Where the address was typed, type the name instead, on the Platform or Proxy screen. Where a name has only this address, set up the other IP version on the Network screen, or a proxy that has both.",
  },
  "lease-without-gateway": {
    stage: "routing",
    what: "The DHCP lease has no default gateway.",
    why: "The DHCP server does not send one. Where it sends routes (option 121), the router of option 3 does not count (RFC 3442).",
    remedy:
      "Ask the network team to send option 3, or 0.0.0.0/0 in option 121 where that is used. Or set a static address with its gateway on the Network screen.",
  },
  "router-not-default": {
    stage: "routing",
    what: "No router on this network offers itself as default gateway.",
    why: "No router advertisement came, or it has a router lifetime of 0 (RFC 4861).",
    remedy:
      "Ask the network team to set the router lifetime of its advertisements above 0. Or set a static IPv6 address with its gateway on the Network screen.",
  },
  "source-wrong": {
    stage: "routing",
    what: "Calls to the platform leave by another interface than they should.",
    why: "A route of this network leads there: the platform, the proxy or the DNS server is in a network of the other card.",
    remedy:
      "Look at addresses and routes on the Network screen. In split mode the platform and the proxy must be reached over the WAN.",
  },
  "lan-silent": {
    stage: "routing",
    what: "No machine on the LAN answers.",
    why: "The adapter is on another virtual network than the machines to be scanned, or they are switched off.",
    remedy: "In the hypervisor, check which network the LAN's adapter is on.",
  },
  "scan-by-wan": {
    stage: "routing",
    what: "Packets of a scan would leave by the WAN.",
    why: "The routing rules of split mode are not in force. The guards stop such packets, so that nothing gets out.",
    remedy: "Restart the appliance. If it stays, send a support bundle to the platform's operator.",
  },
  // resolve
  "dns-no-server": {
    stage: "dns",
    what: "No DNS server is set.",
    why: "DHCP gave none, and none was typed in.",
    remedy: "Set a DNS server on the Network screen.",
  },
  "dns-silent": {
    stage: "dns",
    what: "The DNS servers do not answer.",
    why: "Their addresses are wrong, or a firewall stops port 53.",
    remedy:
      "Check the DNS servers on the Network screen; ask the firewall team to allow port 53 to them.",
  },
  "dns-refused": {
    stage: "dns",
    what: "The DNS server answers, but not this question.",
    why: "It does not serve this network, or the servers that it asks itself fail.",
    remedy: "Check the DNS servers on the Network screen; ask who runs them.",
  },
  "dns-not-found": {
    stage: "dns",
    what: "The name does not exist.",
    why: "The platform's address is misspelt, or this DNS server does not know outside names.",
    remedy: "Check the platform address; if names are only resolved by your proxy, set the proxy.",
  },
  "dns-differs": {
    stage: "dns",
    what: "A DNS server knows the name, but this appliance does not find it.",
    why: "It keeps to one of its DNS servers, and that one does not know the name, or did not a moment ago.",
    remedy:
      "Set only DNS servers that know the name, on the Network screen. With a single one, wait a minute and check again.",
  },
  "dns-servers-disagree": {
    stage: "dns",
    what: "The DNS servers give different answers for one name.",
    why: "One of them knows names of another network. The appliance keeps to one server and changes to another when that one is slow, so that the name is found by chance.",
    remedy: "Set only DNS servers that know the same names, on the Network screen.",
  },
  "dns-blocked": {
    stage: "dns",
    what: "A DNS filter blocks this name: the address that the DNS server gives is no server's.",
    why: "The DNS server answers with an address such as 0.0.0.0 or 127.0.0.1 for names that are on a list.",
    remedy: "Ask who runs the DNS server to allow the name shown.",
  },
  // connect
  "connect-refused": {
    stage: "firewall",
    what: "The connection was refused.",
    why: "A firewall rejects it, or nothing listens there.",
    remedy: "Ask the firewall team to allow TCP port 443 from this appliance to the address shown.",
  },
  "connect-silent": {
    stage: "firewall",
    what: "Nothing answered the connection.",
    why: "A firewall drops the packets without a word.",
    remedy: "Ask the firewall team to allow TCP port 443 from this appliance to the address shown.",
  },
  "neighbour-silent": {
    stage: "routing",
    what: "Nobody on the own network answers for the address.",
    why: "The machine that has it is off or on another network, or the address or its mask is wrong.",
    remedy:
      "Check the address shown, that its machine runs, and this appliance's own mask on the Network screen.",
  },
  "connect-unreachable": {
    stage: "firewall",
    what: "A router or firewall said that the address cannot be reached.",
    why: "It forbids the connection, or nobody behind it has that address.",
    remedy:
      "Check the address shown; ask the firewall team to allow TCP port 443 from this appliance to it.",
  },
  "connect-reset": {
    stage: "firewall",
    what: "The connection was cut.",
    why: "A firewall or an inspecting device ended it.",
    remedy: "Ask the firewall team what it does with connections to the address shown.",
  },
  "path-mtu": {
    stage: "firewall",
    what: "Large packets vanish on the way.",
    why: "Something between carries only smaller packets, and a firewall drops the ICMP messages that would say so.",
    remedy:
      "Ask the firewall team to let ICMP through (fragmentation needed; packet too big with IPv6), or set a smaller MTU for this network, as 1400.",
  },
  "connect-forgotten": {
    stage: "firewall",
    what: "A connection that was kept does not work any more.",
    why: "A firewall or a proxy forgot it while it was idle.",
    remedy: "Nothing to do: another one is opened at once.",
  },
  // proxy
  "proxy-unresolved": {
    stage: "proxy",
    what: "The proxy's name does not exist.",
    why: "It is misspelt, or the DNS server does not know it.",
    remedy: "Check the proxy's name on the Proxy screen, or type its address.",
  },
  "proxy-unreachable": {
    stage: "proxy",
    what: "The proxy does not answer.",
    why: "Its address or port is wrong, or a firewall stands between.",
    remedy: "Check address and port on the Proxy screen.",
  },
  "proxy-silent": {
    stage: "proxy",
    what: "The proxy took the connection but did not answer.",
    why: "The port may belong to something that is not a proxy of the kind that is set.",
    remedy: "Check the proxy's kind and port on the Proxy screen.",
  },
  "proxy-authentication-required": {
    stage: "proxy",
    what: "The proxy asks for a user name and password.",
    why: "None are set.",
    remedy: "Set user and password on the Proxy screen.",
  },
  "proxy-authentication-failed": {
    stage: "proxy",
    what: "The proxy refused the user name or password.",
    why: "They are wrong, locked or expired.",
    remedy: "Set user and password again on the Proxy screen.",
  },
  "proxy-account-locked": {
    stage: "proxy",
    what: "The account for the proxy is locked or disabled.",
    why: "Too many wrong passwords were tried, here or elsewhere, or an administrator locked it. The password may be right.",
    remedy: "Ask the domain's administrators to unlock the account, and what locked it.",
  },
  "proxy-password-expired": {
    stage: "proxy",
    what: "The password of the account for the proxy has expired.",
    why: "The domain wants a new one, which this appliance cannot choose.",
    remedy:
      "Ask the domain's administrators for a password that does not expire, and set it on the Proxy screen.",
  },
  "proxy-scheme-unsupported": {
    stage: "proxy",
    what: "The proxy offers no way to log in that is set here.",
    why: "The proxy's authentication schemes differ from the one on the Proxy screen.",
    remedy: "Choose one of the schemes that the proxy offers.",
  },
  "proxy-denied": {
    stage: "proxy",
    what: "The proxy refused to connect to the platform.",
    why: "Its rules do not allow the address shown, which may be mistyped, or port 443.",
    remedy:
      "Check the platform's address as shown; if it is right, ask the proxy team to allow CONNECT to port 443 of it.",
  },
  "proxy-target-unreachable": {
    stage: "proxy",
    what: "The proxy could not reach the platform.",
    why: "The platform's address is mistyped, or name resolution, a route or a firewall fails behind the proxy.",
    remedy:
      "Check the platform's address as shown; if it is right, ask the proxy team to test it from the proxy.",
  },
  "proxy-target-unknown": {
    stage: "proxy",
    what: "The proxy does not know the platform's name.",
    why: "The name shown is misspelt, or the proxy's own DNS server does not know it.",
    remedy:
      "Check the spelling of the platform's name as shown; if it is right, ask the proxy team to look it up from the proxy.",
  },
  "proxy-login-page": {
    stage: "proxy",
    what: "A log-in page answered instead of the platform.",
    why: "The proxy, or a portal before it, wants a person to log in or to accept terms with a browser.",
    remedy:
      "Ask the proxy team to let this appliance through to the address shown without a log-in page.",
  },
  "proxy-protocol": {
    stage: "proxy",
    what: "The proxy's answer was not understood.",
    why: "The port may belong to something that is not a proxy of the kind that is set.",
    remedy: "Check the proxy's kind and port on the Proxy screen.",
  },
  "proxy-challenge-unsupported": {
    stage: "proxy",
    what: "The proxy asks for a login in a way that cannot be answered.",
    why: "It uses a variant that is not supported, or something between altered its question.",
    remedy:
      "Set another of the schemes that the proxy offers, or ask the proxy team for one that is supported.",
  },
  "proxy-credentials-unusable": {
    stage: "proxy",
    what: "The user name or password cannot be sent in the way that the proxy asks for.",
    why: "It is too long, or has characters that this login has no form for.",
    remedy:
      "Ask the proxy team for another user name or password, or set another of the schemes that the proxy offers.",
  },
  "proxy-password-damaged": {
    stage: "proxy",
    what: "The stored password for the proxy cannot be opened.",
    why: "Its file is empty or damaged, or was sealed on another machine.",
    remedy: "Type the password again on the Proxy screen.",
  },
  "proxy-helper-failed": {
    stage: "proxy",
    what: "No Kerberos ticket for the proxy could be had.",
    why: "The user is not written as name@REALM, the proxy is unknown to the domain, the domain controller does not answer, or the clock is off.",
    remedy:
      "Check the user, the proxy's name (not its address) and the clock; ask the domain's administrators about the service HTTP/PROXY.",
  },
  "proxy-socks-unsupported": {
    stage: "proxy",
    what: "The SOCKS proxy does not support what is needed.",
    why: "It does not take names to connect to, or no connections at all.",
    remedy: "Ask the proxy team for SOCKS5 with CONNECT and names that the proxy resolves.",
  },
  "proxy-tls-untrusted": {
    stage: "proxy",
    what: "The proxy's own certificate is from an issuer that is not trusted.",
    why: "The proxy uses a certificate of your company, or another machine answers in its place.",
    remedy:
      "If it is your company's, compare the authority's fingerprint and trust it (Diagnostics, t), or add its certificate.",
  },
  "proxy-tls-name-mismatch": {
    stage: "proxy",
    what: "The proxy's own certificate is for another name.",
    why: "The proxy is set by its address or a short name.",
    remedy: "Set the proxy by the name that its certificate has.",
  },
  "proxy-tls-expired": {
    stage: "proxy",
    what: "The proxy's own certificate has expired, or is not valid yet.",
    why: "It was not renewed, or was made for a later time; this appliance's clock is right.",
    remedy: "Ask the proxy team to renew the proxy's certificate.",
  },
  "proxy-tls-failed": {
    stage: "proxy",
    what: "The TLS handshake with the proxy itself failed.",
    why: "The proxy does not speak TLS on this port.",
    remedy: "Set the proxy without TLS, or its other port.",
  },
  "proxy-pac-unreachable": {
    stage: "proxy",
    what: "The proxy configuration file (PAC) could not be fetched.",
    why: "Its address is wrong, its server does not answer, or something else answers there.",
    remedy:
      "Check the address of the PAC file on the Proxy screen; it is fetched directly, without a proxy.",
  },
  "proxy-pac-failed": {
    stage: "proxy",
    what: "The proxy configuration file (PAC) gives no proxy that can be used.",
    why: "The file has a fault, takes too long, or names only proxies of kinds that are not supported, as SOCKS4.",
    remedy: "Ask the proxy team about the file, or set the proxy by hand on the Proxy screen.",
  },
  // tls
  "tls-intercepted": {
    stage: "tls",
    what: "Something on the way opens the TLS connection and reads along: the certificate is not the platform's.",
    why: "A TLS-inspecting proxy or firewall stands between, or the platform's keys were replaced after a theft.",
    remedy:
      "If it is your company's, compare the authority's fingerprint and trust it (Diagnostics, t), add its certificate, or have the platform exempted. If the platform's keys were replaced, type a new code.",
  },
  "tls-silent": {
    stage: "tls",
    what: "The TLS handshake got no answer.",
    why: "A firewall lets the connection begin but drops what follows, or the path loses large packets.",
    remedy: "Ask the firewall team about TLS inspection and path MTU for the address shown.",
  },
  "tls-hello-large": {
    stage: "tls",
    what: "Something on the way swallows or cuts the usual first message of TLS, which takes two packets.",
    why: "An old TLS-inspecting device or firewall reads only one packet of it (the message grew with post-quantum key agreement). This appliance calls home with a shorter one meanwhile.",
    remedy:
      "Ask the firewall team to update the device that inspects TLS to the address shown, or to exempt that address (https://tldr.fail).",
  },
  "tls-not-tls": {
    stage: "tls",
    what: "The other side does not speak TLS.",
    why: "A block page or another service answers on this port.",
    remedy: "Check the platform address; ask the firewall team whether a block page answers.",
  },
  "authority-not-seen": {
    stage: "tls",
    what: "No authority with this fingerprint is seen on the way now.",
    why: "It was mistyped, it is trusted already, or another device answers now.",
    remedy:
      "Run `outrider doctor` again and compare the whole fingerprint with the one that the network team gives you.",
  },
  "tls-untrusted": {
    stage: "tls",
    what: "The certificate is from an issuer that is not trusted.",
    why: "A TLS-inspecting device stands between, or the platform uses its own certificate authority.",
    remedy:
      "If your company inspects TLS, compare the authority's fingerprint and trust it (Diagnostics, t); otherwise check the platform address.",
  },
  "tls-name-mismatch": {
    stage: "tls",
    what: "The certificate is for another name.",
    why: "The platform address is misspelt, or another server answers.",
    remedy: "Check the platform address.",
  },
  "tls-expired": {
    stage: "tls",
    what: "The certificate has expired.",
    why: "The platform's certificate was not renewed.",
    remedy: "Ask the platform's operator to renew it.",
  },
  "tls-not-yet-valid": {
    stage: "tls",
    what: "The certificate is not valid yet, and this appliance's clock is right.",
    why: "It was made for a later time, or by a machine whose clock is ahead. The server's own clock says the same as this one.",
    remedy:
      "Ask who issued the certificate shown for one that is valid now: the platform's operator, or the team of the device that inspects TLS.",
  },
  "tls-authority-expired": {
    stage: "tls",
    what: "The certificate of an authority that stands behind the server's certificate has expired.",
    why: "The authority shown was not renewed: the platform's, that of a device that inspects TLS, or one that was added under trusted certificates.",
    remedy:
      "Ask who runs the authority shown for its new certificate; if you added it here, add the new one.",
  },
  "tls-weak": {
    stage: "tls",
    what: "A certificate is too weak to be trusted.",
    why: "The key of the certificate shown is too short, or it is signed with an algorithm that can be forged, as SHA-1.",
    remedy:
      "Ask who issued the certificate shown for a stronger one: often the team of the device that inspects TLS, otherwise the platform's operator.",
  },
  "tls-clock": {
    stage: "tls",
    what: "The certificate does not seem valid yet, or no longer, because this appliance's clock is wrong.",
    why: "The virtual machine's clock is off.",
    remedy: "Set the clock in the hypervisor or set a time server.",
  },
  "tls-failed": {
    stage: "tls",
    what: "The TLS handshake failed.",
    why: "The two sides found no common protocol, or a device between them interfered.",
    remedy: "Ask the firewall team about TLS inspection for the address shown.",
  },
  "clock-wrong": {
    stage: "tls",
    what: "This appliance's clock is wrong.",
    why: "The hypervisor's clock is off, or no time server is reached.",
    remedy:
      "Set the clock in the hypervisor, or a time server that this network reaches. Calling home corrects for it meanwhile.",
  },
  // service
  "service-silent": {
    stage: "service",
    what: "The service took the request but did not answer in time.",
    why: "The platform is overloaded, or a device between holds the answer back.",
    remedy: "Nothing to do at once: the appliance tries again by itself.",
  },
  "service-block-page": {
    stage: "service",
    what: "A web page answered instead of the service.",
    why: "A proxy or a portal shows a block or log-in page.",
    remedy: "Ask the proxy team to allow the address shown without a log-in page.",
  },
  "service-error": {
    stage: "service",
    what: "The service reported an error of its own.",
    why: "The platform has a fault.",
    remedy:
      "Nothing to do here: the appliance tries again by itself. Tell the platform's operator if it lasts.",
  },
  "service-busy": {
    stage: "service",
    what: "The platform asked to come back later.",
    why: "It is busy or under maintenance.",
    remedy: "Nothing to do: the appliance comes back at the time it was given.",
  },
  "service-unexpected": {
    stage: "service",
    what: "The service's answer was not understood.",
    why: "Appliance and platform are of different versions, or something between altered the answer.",
    remedy: "Check the platform address and the versions of both sides.",
  },
  "service-refused": {
    stage: "service",
    what: "The service refused the request.",
    why: "Appliance and platform disagree about what is allowed.",
    remedy: "Look at the platform's page for this appliance.",
  },
  "too-large": {
    stage: "service",
    what: "The upload was too large for the path.",
    why: "A proxy limits the size of uploads.",
    remedy: "Nothing to do: the appliance sends smaller parts.",
  },
  "path-upload-limit": {
    stage: "service",
    what: "Something between refuses uploads of this size.",
    why: "A proxy or a device that inspects TLS limits the size of uploads; the platform did not see the request.",
    remedy:
      "Ask the proxy team to allow uploads of at least 4 MB to the results service. The result is kept and tried again.",
  },
  "not-found": {
    stage: "service",
    what: "The platform does not know what was asked for.",
    why: "It was removed there, or belongs to another appliance.",
    remedy: "Nothing to do: the appliance asks for its jobs again.",
  },
  "part-conflict": {
    stage: "service",
    what: "The platform has another content for this part of a result.",
    why: "The appliance was restored from an older snapshot.",
    remedy: "Run the scan again.",
  },
  "parts-missing": {
    stage: "service",
    what: "The platform has not received all parts of the result.",
    why: "Parts were lost on the way or on the platform.",
    remedy: "Nothing to do: the appliance sends the missing parts again.",
  },
  "attempt-outdated": {
    stage: "service",
    what: "The platform has given this job out anew.",
    why: "The appliance was away for longer than the job's lease, or did not have the job any more.",
    remedy: "Nothing to do: the appliance takes the job's new attempt.",
  },
  // identity
  "reply-unsigned": {
    stage: "identity",
    what: "The answer was not signed by the platform.",
    why: "Another server answers under the platform's name, or something between altered the answer.",
    remedy: "Check the platform address. The appliance does not act on such an answer.",
  },
  "reply-forged": {
    stage: "identity",
    what: "The answer's signature is wrong.",
    why: "Something between altered the request or the answer, or the platform has a new key that no key known here vouches for: its key was stolen and replaced.",
    remedy:
      "The appliance does not act on such an answer. Ask the platform's operator whether the key was replaced; if so, type the new activation code that the operator makes for this appliance.",
  },
  "platform-older": {
    stage: "identity",
    what: "The platform is older than this appliance.",
    why: "It signs its answers in an earlier form, which does not say whether it could verify the request; somebody on the way could misuse that.",
    remedy: "Update the platform to this appliance's version or a later one.",
  },
  "signature-invalid": {
    stage: "identity",
    what: "The platform did not accept the appliance's signature.",
    why: "The appliance is not known there, or something between altered the request.",
    remedy: "Look at the platform's page for this appliance; if it was removed there, enrol again.",
  },
  "signature-replayed": {
    stage: "identity",
    what: "The platform has seen this request before.",
    why: "Something between sent it twice.",
    remedy: "Nothing to do: the appliance sends a new one.",
  },
  "signature-clock": {
    stage: "identity",
    what: "The request's time is too far from the platform's.",
    why: "This appliance's clock is wrong.",
    remedy: "Nothing to do: the appliance learns the platform's time and tries again.",
  },
  "appliance-unknown": {
    stage: "identity",
    what: "The platform does not know this appliance.",
    why: "It was removed there.",
    remedy: "Make a new activation code on the platform's page and enrol again.",
  },
  "appliance-revoked": {
    stage: "identity",
    what: "The platform has withdrawn this appliance's identity.",
    why: "It was revoked on the platform's page.",
    remedy:
      "It does no work any more. To use it again, make a new activation code on the page of this appliance and enrol it anew on the Platform screen.",
  },
  "sealed-elsewhere": {
    stage: "identity",
    what: "A key on this appliance cannot be opened: it was sealed on another machine, or is damaged.",
    why: "The data disk was moved to another machine, or its key of the host (credential.secret) was lost.",
    remedy:
      "Make a new activation code on the platform's page and enrol this appliance anew on the Platform screen.",
  },
  "appliance-copy": {
    stage: "identity",
    what: "This appliance is a copy of another one that is in use: enrol it anew.",
    why: "The virtual machine was cloned, or a backup of it was started beside the original: both called home under one name.",
    remedy:
      "Make a new activation code on the platform's page and enrol this appliance on the Platform screen. The original goes on undisturbed.",
  },
  "code-malformed": {
    stage: "identity",
    what: "The activation code is not complete or has a typing error.",
    why: "A character is wrong or missing.",
    remedy: "Compare it with the code on the platform's page.",
  },
  "code-unknown": {
    stage: "identity",
    what: "The platform does not know this activation code.",
    why: "It is mistyped, or made on another platform.",
    remedy: "Compare the code and the platform address with the platform's page.",
  },
  "code-expired": {
    stage: "identity",
    what: "The activation code has expired.",
    why: "It was made too long ago.",
    remedy: "Make a new code on the platform's page.",
  },
  "code-damaged": {
    stage: "identity",
    what: "The stored activation code cannot be opened.",
    why: "Its file is empty or damaged, or was sealed on another machine.",
    remedy: "Type the code again on the Platform screen.",
  },
  "code-used": {
    stage: "identity",
    what: "The activation code was used by another appliance.",
    why: "Each code is good for one appliance.",
    remedy: "Make a new code on the platform's page.",
  },
  "certificate-expiring": {
    stage: "identity",
    what: "A certificate that is needed for calling home expires soon.",
    why: "It was not renewed in time. The appliance renews its own one by itself while it reaches the platform.",
    remedy:
      "Renew the certificate named: the platform's and the proxy's by who runs them, an added authority on the trusted certificates.",
  },
  "certificate-expired": {
    stage: "identity",
    what: "A certificate that is needed for calling home has expired.",
    why: "It was not renewed, or this appliance's clock is wrong.",
    remedy:
      "Check the clock, then renew the certificate named. The appliance renews its own one at its next call that gets through.",
  },
  "not-enrolled": {
    stage: "identity",
    what: "The appliance is not enrolled yet.",
    why: "No activation code was typed in.",
    remedy: "Make an activation code on the platform's page and type it on the Platform screen.",
  },
  // settings
  "settings-invalid": {
    stage: "settings",
    what: "The settings are not valid.",
    why: "A field has a value that cannot work.",
    remedy: "Correct the fields named.",
  },
  "settings-unreadable": {
    stage: "settings",
    what: "The settings file cannot be read.",
    why: "It is damaged or was edited with a mistake.",
    remedy: "The last good settings are used. Save the settings again at the console.",
  },
  "trial-pending": {
    stage: "settings",
    what: "Another change is being tried.",
    why: "Somebody else changes the settings, here or on another console.",
    remedy: "Keep or revert that change first.",
  },
  "trial-unknown": {
    stage: "settings",
    what: "There is no such trial any more.",
    why: "It was kept or reverted meanwhile, here or on another console.",
    remedy: "Look at the present settings and try again if needed.",
  },
  "trial-failed": {
    stage: "settings",
    what: "The new settings could not be applied. The old ones are active again.",
    why: "The network system refused them.",
    remedy: "Look at the details, correct the settings and try again.",
  },
  "history-unknown": {
    stage: "settings",
    what: "There are no kept settings of this number.",
    why: "They are older than the last ten, or the number is mistyped.",
    remedy: "Look at the list again with `outrider network history`.",
  },
  "confirmation-wrong": {
    stage: "settings",
    what: "What was typed is not the host name of this appliance. Nothing was done.",
    why: "It is mistyped, or this is another appliance than was thought.",
    remedy: "Type the host name just as it is shown.",
  },
  "pin-wrong": {
    stage: "settings",
    what: "The PIN or password is not the right one.",
    why: "It is mistyped, or the keyboard has another layout than was thought.",
    remedy: "Type it again. After three wrong ones each further try has to wait longer.",
  },
  "pin-damaged": {
    stage: "settings",
    what: "The console stays locked: its stored PIN or password cannot be opened.",
    why: "Its file is empty or damaged, or was sealed on another machine.",
    remedy:
      "Decommission the appliance on the platform's page and set it up again, or give the virtual machine a new data disk.",
  },
  "volume-missing": {
    stage: "storage",
    what: "This volume is not there.",
    why: "It was taken out, or its file system is none that sticks and discs have.",
    remedy: "Connect a USB stick with FAT, or a disc image, to the machine, and look again.",
  },
  "volume-read-only": {
    stage: "storage",
    what: "This volume cannot be written to.",
    why: "It is a disc, or it is write-protected.",
    remedy: "Connect a USB stick with FAT to the machine.",
  },
  "scan-unknown": {
    stage: "scan",
    what: "There is no such scan here.",
    why: "It has ended meanwhile.",
    remedy: "Look at the list of scans again.",
  },
  // local system
  "configd-unreachable": {
    stage: "settings",
    what: "The appliance's configuration service does not answer.",
    why: "It is starting or being restarted.",
    remedy: "Wait some seconds. If it lasts, restart the appliance.",
  },
  "system-failed": {
    stage: "settings",
    what: "A part of the operating system did not do what it was asked.",
    why: "It is starting or overloaded, or this is a fault of the software.",
    remedy:
      "Try again. If it stays, restart the appliance, or make a support bundle and report it.",
  },
  // the operator's tools
  "ping-silent": {
    stage: "firewall",
    what: "Nothing answered.",
    why: "Nobody has that address, the machine is off, or a firewall drops pings without a word; many machines never answer a ping.",
    remedy:
      "Ping something that is known to answer, as the gateway; then trace the route by TCP, which firewalls let through that drop pings.",
  },
  "ping-lossy": {
    stage: "firewall",
    what: "Some packets were lost.",
    why: "The network is overloaded, a cable or a radio link is bad, or the machine answers only so many pings.",
    remedy:
      "Ping again, then each hop of a trace: where the loss begins is the part of the network to look at.",
  },
  "ping-doubled": {
    stage: "address",
    what: "Packets were answered more than once.",
    why: "Two machines have the address, or switches form a loop.",
    remedy: "Ask the network team who has the address shown, and about loops.",
  },
  "ping-no-neighbour": {
    stage: "address",
    what: "Nobody in this network has the address.",
    why: "Nobody answers when this appliance asks for it by ARP or neighbour discovery: the machine is off, in another network or VLAN, or the address is mistyped.",
    remedy:
      "Check the address, and in the hypervisor that this adapter is on the network in which the machine is.",
  },
  "ping-unreachable": {
    stage: "routing",
    what: "A router said that the address cannot be reached.",
    why: "The router shown has no way to that network, or the machine does not answer in its own network.",
    remedy: "Check the address; ask the network team about the route of the router shown.",
  },
  "ping-prohibited": {
    stage: "firewall",
    what: "A firewall forbids pings to the address.",
    why: "The firewall shown said so itself; what it does with TCP is another matter.",
    remedy: "Trace the route by TCP; ask the firewall team only if that does not get through.",
  },
  "trace-refused": {
    stage: "firewall",
    what: "The way is open to the machine, and the connection is refused there.",
    why: "Nothing listens on that port, or a firewall before the machine answers in its name.",
    remedy:
      "Check the port; ask who runs the machine whether it listens there, then the firewall team.",
  },
  "trace-prohibited": {
    stage: "firewall",
    what: "A firewall on the way forbids the connection.",
    why: "The hop shown said so itself: a rule of it does not let this appliance through.",
    remedy:
      "Ask the firewall team for a rule at the hop shown; the Firewall screen has the text to hand over.",
  },
  "trace-unreachable": {
    stage: "routing",
    what: "A hop on the way said that the address cannot be reached.",
    why: "It has no route there, or the machine does not answer in its own network.",
    remedy: "Check the address; ask the network team about the route of the hop shown.",
  },
  "trace-silent": {
    stage: "firewall",
    what: "The way ends in silence.",
    why: "Behind the last hop that answered, a firewall drops the packets without a word, or the machine is off.",
    remedy:
      "Ask the firewall team what comes after the last hop shown, and for a rule there; the Firewall screen has the text to hand over.",
  },
  "trace-loop": {
    stage: "routing",
    what: "The packets go in a circle.",
    why: "Two routers each think that the way leads over the other.",
    remedy: "Ask the network team about the routes of the two routers shown.",
  },
  "look-up-no-record": {
    stage: "dns",
    what: "The name exists, and has no record of this type.",
    why: "It is a name for other things, or the record was not entered.",
    remedy: "Ask for another type of record, or ask who runs the DNS server to enter one.",
  },
  "look-up-differs": {
    stage: "dns",
    what: "The DNS servers say different things.",
    why: "One is of another network, has old data, or shares the load by giving addresses in turns.",
    remedy:
      "Where the difference is not meant, set only the DNS servers that know this network, on the Network screen.",
  },
  "capture-empty": {
    stage: "interface",
    what: "No such packet came or went.",
    why: "Nothing of what was asked for was sent in that time, or this adapter is on another network.",
    remedy: "Capture everything for a longer time, and do meanwhile what does not work.",
  },
  "tool-stopped": {
    stage: "settings",
    what: "It was stopped.",
    why: "Somebody stopped it, or its time was over.",
    remedy: "Run it again.",
  },
  "tool-busy": {
    stage: "settings",
    what: "Another tool is running.",
    why: "One tool runs at a time; this one was started at another console or by the command line.",
    remedy: "Wait until it has ended, at most two minutes, or stop it there.",
  },
  "tool-failed": {
    stage: "settings",
    what: "The tool could not do its work.",
    why: "Its program ended with a failure of its own, which is shown.",
    remedy: "Run it again; if that does not help, send a support bundle.",
  },
  "request-invalid": {
    stage: "settings",
    what: "The request was not understood.",
    why: "Two parts of the appliance are of different versions.",
    remedy: "Restart the appliance.",
  },
  "not-allowed": {
    stage: "settings",
    what: "This is not allowed.",
    why: "The caller may not do this.",
    remedy: "Use the console of the appliance.",
  },
  "internal-error": {
    stage: "service",
    what: "Something went wrong inside.",
    why: "This is a fault of the software.",
    remedy: "Try again. If it stays, make a support bundle and report it.",
  },
  // commands
  "command-expired": {
    stage: "service",
    what: "The command came too late and was not carried out.",
    why: "The appliance could not be reached in time.",
    remedy: "Give the command again when it is still wanted.",
  },
  "command-unknown": {
    stage: "service",
    what: "The command is of a kind that this appliance does not know.",
    why: "The platform is newer than the appliance.",
    remedy: "Update the appliance.",
  },
  "network-change-reverted": {
    stage: "settings",
    what: "The network settings that the platform sent were taken back.",
    why: "Over the new settings the platform could not be reached in time.",
    remedy: "Compare them with the network there, and send them again when they are right.",
  },
  // scan
  "scan-targets-invalid": {
    stage: "scan",
    what: "The scan's targets are not valid.",
    why: "An address or range is mistyped.",
    remedy: "Correct the targets of the scan.",
  },
  "scan-engine-failed": {
    stage: "scan",
    what: "The scan engine failed.",
    why: "The program nmap ended with an error.",
    remedy: "Look at the details; the part is tried again once.",
  },
  "scan-incomplete": {
    stage: "scan",
    what: "Part of the scan did not finish.",
    why: "Hosts took too long, or were skipped.",
    remedy: "The result says which addresses were not tested.",
  },
  "scan-accepts-all": {
    stage: "scan",
    what: "A host accepts connections on nearly every port.",
    why: "It is a trap for scanners, or a firewall or load balancer that answers for all ports.",
    remedy: "Its services were not asked; look at the host itself to learn which it really has.",
  },
  "scan-proxy-arp": {
    stage: "scan",
    what: "One network card answers for addresses that nobody has.",
    why: "A router or firewall has proxy ARP. Those addresses answered nothing but ARP, and do not count as hosts.",
    remedy:
      "If hosts are missing there, let a scanner behind that device scan them, or name its interfaces to the network's owner.",
  },
  "scan-left-out": {
    stage: "scan",
    what: "Addresses near the appliance were left out.",
    why: "They are the appliance's own, no host's, or those of the gateway, the proxy or the platform, which the results pass.",
    remedy: "To scan a gateway, a proxy or the platform, name its address as a target of its own.",
  },
  "scan-card-down": {
    stage: "scan",
    what: "The network card that scans was away during the scan.",
    why: "Its link was cut, it lost its address, or it was taken out. Silence of a dead card would look like closed ports and absent hosts.",
    remedy:
      "Nothing for what was scanned again, as the details say. Start a scan anew for what was not, once LAN has its link and its address.",
  },
  "scan-stopped": {
    stage: "scan",
    what: "The scan was stopped.",
    why: "Somebody stopped it, or the job's time ran out.",
    remedy: "Start it again when wanted.",
  },
  // updates
  "update-not-trusted": {
    stage: "identity",
    what: "The list of updates is not signed by the keys that this appliance trusts.",
    why: "Something altered it, or the platform's update keys were replaced by ones that the old ones did not sign.",
    remedy: "Tell the platform's operator. Nothing of it was used.",
  },
  "update-rolled-back": {
    stage: "identity",
    what: "The list of updates is older than the one that this appliance has seen.",
    why: "Somebody offers an old list again, or the platform was set back to an older copy.",
    remedy: "Tell the platform's operator. The newer list stays in use.",
  },
  "update-expired": {
    stage: "identity",
    what: "The list of updates has expired.",
    why: "Somebody holds newer lists back, the platform did not renew it, or this appliance's clock is wrong.",
    remedy: "Check the appliance's clock, then tell the platform's operator.",
  },
  "update-mixed": {
    stage: "identity",
    what: "The parts of the list of updates do not belong together.",
    why: "Something between mixed parts of several lists, or the platform published just now.",
    remedy: "Nothing to do at first: it is read again. If it stays, tell the platform's operator.",
  },
  "update-altered": {
    stage: "identity",
    what: "A file of an update is not the one that was signed.",
    why: "Something altered it on the way or on the platform.",
    remedy:
      "Nothing to do at first: it is fetched again. If it stays, tell the platform's operator.",
  },
  "update-too-large": {
    stage: "storage",
    what: "An update is larger than this appliance takes.",
    why: "It is larger than the bound built in, or than the disk.",
    remedy: "Enlarge the appliance's disk, or publish a smaller file.",
  },
  "update-no-root": {
    stage: "identity",
    what: "This appliance cannot check updates.",
    why: "It was enrolled at a platform that gave it no keys for updates.",
    remedy: "Enrol it again with a new activation code.",
  },
  "content-exists": {
    stage: "service",
    what: "This version was published already.",
    why: "A published version never changes, so that every appliance has the same one.",
    remedy: "Publish it under another version.",
  },
  "content-key-changed": {
    stage: "service",
    what: "The key was replaced meanwhile.",
    why: "The key that was to be replaced does not count any more: it was asked for twice, or somebody else did it.",
    remedy: "Look at the keys again.",
  },
  "content-keys-missing": {
    stage: "storage",
    what: "The key for signing this is not on the platform.",
    why: "It was moved to a safe place.",
    remedy: "Put the key's file back into the platform's data folder for as long as it is needed.",
  },
  // storage
  "storage-full": {
    stage: "storage",
    what: "The disk is full.",
    why: "Results could not be uploaded for a long time.",
    remedy: "Restore the connection to the platform, or enlarge the disk.",
  },
  "storage-failed": {
    stage: "storage",
    what: "A disk does not do what it is asked: something cannot be read or written there.",
    why: "The disk fails, its file system is damaged, or the virtual machine has lost its storage.",
    remedy:
      "Look at the machine's storage and its host's log. What was not confirmed is tried again.",
  },
  "disk-low": {
    stage: "storage",
    what: "The data disk is nearly full.",
    why: "Results wait for the platform, or the disk is small for the scans.",
    remedy: "Restore the connection to the platform, or enlarge the disk.",
  },
  "memory-low": {
    stage: "storage",
    what: "The machine has hardly any memory left.",
    why: "Large scans run, or the virtual machine has too little memory.",
    remedy: "Give the virtual machine more memory, or scan fewer addresses at once.",
  },
  "spool-full": {
    stage: "storage",
    what: "The appliance keeps so many results that it takes no new jobs.",
    why: "They could not be uploaded for a long time, or the disk is full.",
    remedy:
      "Restore the connection to the platform: nothing is lost, and new jobs are taken when results have gone up. Or enlarge the disk.",
  },
  "storage-damaged": {
    stage: "storage",
    what: "A stored part was damaged and was put aside.",
    why: "The disk or a power cut damaged it.",
    remedy: "That part is missing; run the scan again if it matters.",
  },
} as const satisfies Record<string, ErrorDescription>;

export type ErrorCode = keyof typeof errorCodes;

export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(errorCodes, text);
}
