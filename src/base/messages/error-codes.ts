/**
 * Every way in which something can fail that a person is told about: one list, rendered by the
 * console, the doctor, the web page, the command line and docs/operate/errors.md. `what` is what
 * happened, `why` the usual cause, `remedy` what to do next.
 */
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

export interface ErrorDescription {
  stage: Stage;
  what: string;
  why: string;
  remedy: string;
}

const describe = (stage: Stage, what: string, why: string, remedy: string): ErrorDescription => ({
  stage,
  what,
  why,
  remedy,
});

export const errorCodes = {
  // interface and address
  "link-down": describe(
    "interface",
    "The network interface has no link.",
    "The virtual cable is not connected, or the adapter is on no network.",
    "In the hypervisor, tick 'connected' for this adapter and check which network it is on.",
  ),
  "interface-missing": describe(
    "interface",
    "The network interface is not there.",
    "The adapter was removed from the virtual machine, or replaced by one with another MAC address.",
    "Add the adapter again, or choose another one on the Network screen.",
  ),
  "interface-added": describe(
    "interface",
    "A network interface is new.",
    "An adapter was added to the virtual machine. It has no role, and takes none from another.",
    "Give it a role on the Network screen, or take it out again.",
  ),
  "interface-replaced": describe(
    "interface",
    "Another network interface has taken the place of the one that was here.",
    "The machine was restored, copied or moved, or its adapter was replaced: it has another MAC address now. It was and is the only one.",
    "If that is as it should be, keep the network settings once, so that they are of this adapter. Reservations at a DHCP server are by MAC address.",
  ),
  "same-network": describe(
    "routing",
    "LAN and WAN are in the same network.",
    "Both adapters are on one virtual network, or two DHCP servers give out addresses of one range: nothing says which way a packet goes.",
    "In the hypervisor, put the adapters on different networks, or use one of them for both (single).",
  ),
  "in-lan-network": describe(
    "routing",
    "The platform or the proxy is in the LAN's network, where nothing but scans goes in split mode.",
    "The address that the LAN was given covers it.",
    "Use one that is reached over the WAN, or use one network card for both (single).",
  ),
  "packets-stopped": describe(
    "routing",
    "Packets were stopped that would have left by the wrong side.",
    "Something on the appliance did not keep to its side. Nothing got out, but it should not have tried.",
    "Send a support bundle to the platform's operator.",
  ),
  "no-address": describe(
    "address",
    "The interface has no IP address.",
    "No DHCP server answered on this network.",
    "Check that DHCP serves this network, or set a static address on the Network screen.",
  ),
  "gateway-silent": describe(
    "routing",
    "The gateway does not answer.",
    "The gateway's address is wrong, or the adapter is on another network.",
    "Check the gateway on the Network screen and the adapter's network in the hypervisor.",
  ),
  "no-route": describe(
    "routing",
    "There is no route to the address.",
    "No default gateway is set, or the interface is down.",
    "Set a gateway on the Network screen.",
  ),
  // resolve
  "dns-no-server": describe(
    "dns",
    "No DNS server is set.",
    "DHCP gave none, and none was typed in.",
    "Set a DNS server on the Network screen.",
  ),
  "dns-silent": describe(
    "dns",
    "The DNS servers do not answer.",
    "Their addresses are wrong, or a firewall stops port 53.",
    "Check the DNS servers on the Network screen; ask the firewall team to allow port 53 to them.",
  ),
  "dns-refused": describe(
    "dns",
    "The DNS server answers, but not this question.",
    "It does not serve this network, or the servers that it asks itself fail.",
    "Check the DNS servers on the Network screen; ask who runs them.",
  ),
  "dns-not-found": describe(
    "dns",
    "The name does not exist.",
    "The platform's address is misspelt, or this DNS server does not know outside names.",
    "Check the platform address; if names are only resolved by your proxy, set the proxy.",
  ),
  // connect
  "connect-refused": describe(
    "firewall",
    "The connection was refused.",
    "A firewall rejects it, or nothing listens there.",
    "Ask the firewall team to allow TCP port 443 from this appliance to the address shown.",
  ),
  "connect-silent": describe(
    "firewall",
    "Nothing answered the connection.",
    "A firewall drops the packets without a word.",
    "Ask the firewall team to allow TCP port 443 from this appliance to the address shown.",
  ),
  "connect-unreachable": describe(
    "firewall",
    "A router or firewall said that the address cannot be reached.",
    "It forbids the connection, nobody has that address, or the gateway itself does not answer.",
    "Check the address shown; ask the firewall team to allow TCP port 443 from this appliance to it.",
  ),
  "connect-reset": describe(
    "firewall",
    "The connection was cut.",
    "A firewall or an inspecting device ended it.",
    "Ask the firewall team what it does with connections to the address shown.",
  ),
  "path-mtu": describe(
    "firewall",
    "Large packets vanish on the way.",
    "Something between carries only smaller packets, and a firewall drops the ICMP messages that would say so.",
    "Ask the firewall team to let ICMP through (fragmentation needed; packet too big with IPv6), or set a smaller MTU for this network, as 1400.",
  ),
  "connect-forgotten": describe(
    "firewall",
    "A connection that was kept does not work any more.",
    "A firewall or a proxy forgot it while it was idle.",
    "Nothing to do: another one is opened at once.",
  ),
  // proxy
  "proxy-unresolved": describe(
    "proxy",
    "The proxy's name does not exist.",
    "It is misspelt, or the DNS server does not know it.",
    "Check the proxy's name on the Proxy screen, or type its address.",
  ),
  "proxy-unreachable": describe(
    "proxy",
    "The proxy does not answer.",
    "Its address or port is wrong, or a firewall stands between.",
    "Check address and port on the Proxy screen.",
  ),
  "proxy-silent": describe(
    "proxy",
    "The proxy took the connection but did not answer.",
    "The port may belong to something that is not an HTTP proxy.",
    "Check the proxy's port on the Proxy screen.",
  ),
  "proxy-authentication-required": describe(
    "proxy",
    "The proxy asks for a user name and password.",
    "None are set.",
    "Set user and password on the Proxy screen.",
  ),
  "proxy-authentication-failed": describe(
    "proxy",
    "The proxy refused the user name or password.",
    "They are wrong, locked or expired.",
    "Set user and password again on the Proxy screen.",
  ),
  "proxy-scheme-unsupported": describe(
    "proxy",
    "The proxy offers no way to log in that is set here.",
    "The proxy's authentication schemes differ from the one on the Proxy screen.",
    "Choose one of the schemes that the proxy offers.",
  ),
  "proxy-denied": describe(
    "proxy",
    "The proxy refused to connect to the platform.",
    "Its rules do not allow this address or port 443.",
    "Ask the proxy team to allow CONNECT to port 443 of the address shown.",
  ),
  "proxy-target-unreachable": describe(
    "proxy",
    "The proxy could not reach the platform.",
    "The proxy's own name resolution or firewall fails.",
    "Ask the proxy team to test the address shown from the proxy.",
  ),
  "proxy-protocol": describe(
    "proxy",
    "The proxy's answer was not understood.",
    "The port may belong to something that is not a proxy of the kind that is set.",
    "Check the proxy's kind and port on the Proxy screen.",
  ),
  "proxy-challenge-unsupported": describe(
    "proxy",
    "The proxy asks for a login in a way that cannot be answered.",
    "It uses a variant that is not supported, or something between altered its question.",
    "Set another of the schemes that the proxy offers, or ask the proxy team for one that is supported.",
  ),
  "proxy-credentials-unusable": describe(
    "proxy",
    "The user name or password cannot be sent in the way that the proxy asks for.",
    "It is too long, or has characters that this login has no form for.",
    "Ask the proxy team for another user name or password, or set another of the schemes that the proxy offers.",
  ),
  "proxy-helper-failed": describe(
    "proxy",
    "No Kerberos ticket for the proxy could be had.",
    "The user is not written as name@REALM, the proxy is unknown to the domain, the domain controller does not answer, or the clock is off.",
    "Check the user, the proxy's name (not its address) and the clock; ask the domain's administrators about the service HTTP/PROXY.",
  ),
  "proxy-socks-unsupported": describe(
    "proxy",
    "The SOCKS proxy does not support what is needed.",
    "It does not take names to connect to, or no connections at all.",
    "Ask the proxy team for SOCKS5 with CONNECT and names that the proxy resolves.",
  ),
  "proxy-tls-untrusted": describe(
    "proxy",
    "The proxy's own certificate is from an issuer that is not trusted.",
    "The proxy uses a certificate of your company, or another machine answers in its place.",
    "Add the CA certificate of the proxy's issuer.",
  ),
  "proxy-tls-name-mismatch": describe(
    "proxy",
    "The proxy's own certificate is for another name.",
    "The proxy is set by its address or a short name.",
    "Set the proxy by the name that its certificate has.",
  ),
  "proxy-tls-expired": describe(
    "proxy",
    "The proxy's own certificate has expired.",
    "It was not renewed.",
    "Ask the proxy team to renew the proxy's certificate.",
  ),
  "proxy-tls-failed": describe(
    "proxy",
    "The TLS handshake with the proxy itself failed.",
    "The proxy does not speak TLS on this port.",
    "Set the proxy without TLS, or its other port.",
  ),
  "proxy-pac-unreachable": describe(
    "proxy",
    "The proxy configuration file (PAC) could not be fetched.",
    "Its address is wrong, its server does not answer, or something else answers there.",
    "Check the address of the PAC file on the Proxy screen; it is fetched directly, without a proxy.",
  ),
  "proxy-pac-failed": describe(
    "proxy",
    "The proxy configuration file (PAC) gives no proxy that can be used.",
    "The file has a fault, takes too long, or names only proxies of kinds that are not supported, as SOCKS4.",
    "Ask the proxy team about the file, or set the proxy by hand on the Proxy screen.",
  ),
  // tls
  "tls-intercepted": describe(
    "tls",
    "Something on the way opens the TLS connection and reads along: the certificate is not the platform's.",
    "A TLS-inspecting proxy or firewall stands between.",
    "Add the CA certificate of the issuer shown under trusted certificates, or ask for the platform's addresses to be exempted from inspection.",
  ),
  "tls-silent": describe(
    "tls",
    "The TLS handshake got no answer.",
    "A firewall lets the connection begin but drops what follows, or the path loses large packets.",
    "Ask the firewall team about TLS inspection and path MTU for the address shown.",
  ),
  "tls-not-tls": describe(
    "tls",
    "The other side does not speak TLS.",
    "A block page or another service answers on this port.",
    "Check the platform address; ask the firewall team whether a block page answers.",
  ),
  "tls-untrusted": describe(
    "tls",
    "The certificate is from an issuer that is not trusted.",
    "A TLS-inspecting device stands between, or the platform uses its own certificate authority.",
    "If your company inspects TLS, add its CA certificate; otherwise check the platform address.",
  ),
  "tls-name-mismatch": describe(
    "tls",
    "The certificate is for another name.",
    "The platform address is misspelt, or another server answers.",
    "Check the platform address.",
  ),
  "tls-expired": describe(
    "tls",
    "The certificate has expired.",
    "The platform's certificate was not renewed.",
    "Ask the platform's operator to renew it.",
  ),
  "tls-clock": describe(
    "tls",
    "The certificate does not seem valid yet, or no longer, because this appliance's clock is wrong.",
    "The virtual machine's clock is off.",
    "Set the clock in the hypervisor or set a time server.",
  ),
  "tls-failed": describe(
    "tls",
    "The TLS handshake failed.",
    "The two sides found no common protocol, or a device between them interfered.",
    "Ask the firewall team about TLS inspection for the address shown.",
  ),
  "clock-wrong": describe(
    "tls",
    "This appliance's clock is wrong.",
    "The hypervisor's clock is off, or no time server is reached.",
    "Set the clock in the hypervisor, or a time server that this network reaches. Calling home corrects for it meanwhile.",
  ),
  // service
  "service-silent": describe(
    "service",
    "The service took the request but did not answer in time.",
    "The platform is overloaded, or a device between holds the answer back.",
    "Nothing to do at once: the appliance tries again by itself.",
  ),
  "service-block-page": describe(
    "service",
    "A web page answered instead of the service.",
    "A proxy or a portal shows a block or log-in page.",
    "Ask the proxy team to allow the address shown without a log-in page.",
  ),
  "service-error": describe(
    "service",
    "The service reported an error of its own.",
    "The platform has a fault.",
    "Nothing to do here: the appliance tries again by itself. Tell the platform's operator if it lasts.",
  ),
  "service-busy": describe(
    "service",
    "The platform asked to come back later.",
    "It is busy or under maintenance.",
    "Nothing to do: the appliance comes back at the time it was given.",
  ),
  "service-unexpected": describe(
    "service",
    "The service's answer was not understood.",
    "Appliance and platform are of different versions, or something between altered the answer.",
    "Check the platform address and the versions of both sides.",
  ),
  "service-refused": describe(
    "service",
    "The service refused the request.",
    "Appliance and platform disagree about what is allowed.",
    "Look at the platform's page for this appliance.",
  ),
  "too-large": describe(
    "service",
    "The upload was too large for the path.",
    "A proxy limits the size of uploads.",
    "Nothing to do: the appliance sends smaller parts.",
  ),
  "path-upload-limit": describe(
    "service",
    "Something between refuses uploads of this size.",
    "A proxy or a device that inspects TLS limits the size of uploads; the platform did not see the request.",
    "Ask the proxy team to allow uploads of at least 2 MB to the results service. The result is kept and tried again.",
  ),
  "not-found": describe(
    "service",
    "The platform does not know what was asked for.",
    "It was removed there, or belongs to another appliance.",
    "Nothing to do: the appliance asks for its jobs again.",
  ),
  "part-conflict": describe(
    "service",
    "The platform has another content for this part of a result.",
    "The appliance was restored from an older snapshot.",
    "Run the scan again.",
  ),
  "parts-missing": describe(
    "service",
    "The platform has not received all parts of the result.",
    "Parts were lost on the way or on the platform.",
    "Nothing to do: the appliance sends the missing parts again.",
  ),
  "attempt-outdated": describe(
    "service",
    "The platform has given this job out anew.",
    "The appliance was away for longer than the job's lease.",
    "Nothing to do: the appliance takes the job's new attempt.",
  ),
  // identity
  "reply-unsigned": describe(
    "identity",
    "The answer was not signed by the platform.",
    "Another server answers under the platform's name, or something between altered the answer.",
    "Check the platform address. The appliance does not act on such an answer.",
  ),
  "reply-forged": describe(
    "identity",
    "The answer's signature is wrong.",
    "Something between altered the answer, or the platform has a new key.",
    "The appliance does not act on such an answer. Ask the platform's operator whether its key changed.",
  ),
  "signature-invalid": describe(
    "identity",
    "The platform did not accept the appliance's signature.",
    "The appliance is not known there, or something between altered the request.",
    "Look at the platform's page for this appliance; if it was removed there, enrol again.",
  ),
  "signature-replayed": describe(
    "identity",
    "The platform has seen this request before.",
    "Something between sent it twice.",
    "Nothing to do: the appliance sends a new one.",
  ),
  "signature-clock": describe(
    "identity",
    "The request's time is too far from the platform's.",
    "This appliance's clock is wrong.",
    "Nothing to do: the appliance learns the platform's time and tries again.",
  ),
  "appliance-unknown": describe(
    "identity",
    "The platform does not know this appliance.",
    "It was removed there.",
    "Make a new activation code on the platform's page and enrol again.",
  ),
  "appliance-revoked": describe(
    "identity",
    "The platform has withdrawn this appliance's identity.",
    "It was revoked on the platform's page.",
    "It does no work any more. To use it again, make a new activation code on the page of this appliance and enrol it anew on the Platform screen.",
  ),
  "sealed-elsewhere": describe(
    "identity",
    "A key on this appliance cannot be opened: it was sealed on another machine, or is damaged.",
    "The data disk was moved to another machine, or its key of the host (credential.secret) was lost.",
    "Make a new activation code on the platform's page and enrol this appliance anew on the Platform screen.",
  ),
  "appliance-copy": describe(
    "identity",
    "This appliance is a copy of another one that is in use: enrol it anew.",
    "The virtual machine was cloned, or a backup of it was started beside the original: both called home under one name.",
    "Make a new activation code on the platform's page and enrol this appliance on the Platform screen. The original goes on undisturbed.",
  ),
  "code-malformed": describe(
    "identity",
    "The activation code is not complete or has a typing error.",
    "A character is wrong or missing.",
    "Compare it with the code on the platform's page.",
  ),
  "code-unknown": describe(
    "identity",
    "The platform does not know this activation code.",
    "It is mistyped, or made on another platform.",
    "Compare the code and the platform address with the platform's page.",
  ),
  "code-expired": describe(
    "identity",
    "The activation code has expired.",
    "It was made too long ago.",
    "Make a new code on the platform's page.",
  ),
  "code-used": describe(
    "identity",
    "The activation code was used by another appliance.",
    "Each code is good for one appliance.",
    "Make a new code on the platform's page.",
  ),
  "not-enrolled": describe(
    "identity",
    "The appliance is not enrolled yet.",
    "No activation code was typed in.",
    "Make an activation code on the platform's page and type it on the Platform screen.",
  ),
  // settings
  "settings-invalid": describe(
    "settings",
    "The settings are not valid.",
    "A field has a value that cannot work.",
    "Correct the fields named.",
  ),
  "settings-unreadable": describe(
    "settings",
    "The settings file cannot be read.",
    "It is damaged or was edited with a mistake.",
    "The last good settings are used. Save the settings again at the console.",
  ),
  "trial-pending": describe(
    "settings",
    "Another change is being tried.",
    "Somebody else changes the settings, here or on another console.",
    "Keep or revert that change first.",
  ),
  "trial-unknown": describe(
    "settings",
    "There is no such trial any more.",
    "It was kept or reverted meanwhile, here or on another console.",
    "Look at the present settings and try again if needed.",
  ),
  "trial-failed": describe(
    "settings",
    "The new settings could not be applied. The old ones are active again.",
    "The network system refused them.",
    "Look at the details, correct the settings and try again.",
  ),
  "history-unknown": describe(
    "settings",
    "There are no kept settings of this number.",
    "They are older than the last ten, or the number is mistyped.",
    "Look at the list again with `outrider network history`.",
  ),
  "confirmation-wrong": describe(
    "settings",
    "What was typed is not the host name of this appliance. Nothing was done.",
    "It is mistyped, or this is another appliance than was thought.",
    "Type the host name just as it is shown.",
  ),
  "pin-wrong": describe(
    "settings",
    "The PIN or password is not the right one.",
    "It is mistyped, or the keyboard has another layout than was thought.",
    "Type it again. After three wrong ones each further try has to wait longer.",
  ),
  "volume-missing": describe(
    "storage",
    "This volume is not there.",
    "It was taken out, or its file system is none that sticks and discs have.",
    "Connect a USB stick with FAT, or a disc image, to the machine, and look again.",
  ),
  "volume-read-only": describe(
    "storage",
    "This volume cannot be written to.",
    "It is a disc, or it is write-protected.",
    "Connect a USB stick with FAT to the machine.",
  ),
  "scan-unknown": describe(
    "scan",
    "There is no such scan here.",
    "It has ended meanwhile.",
    "Look at the list of scans again.",
  ),
  // local system
  "configd-unreachable": describe(
    "settings",
    "The appliance's configuration service does not answer.",
    "It is starting or being restarted.",
    "Wait some seconds. If it lasts, restart the appliance.",
  ),
  "system-failed": describe(
    "settings",
    "A part of the operating system did not do what it was asked.",
    "It is starting or overloaded, or this is a fault of the software.",
    "Try again. If it stays, restart the appliance, or make a support bundle and report it.",
  ),
  "request-invalid": describe(
    "settings",
    "The request was not understood.",
    "Two parts of the appliance are of different versions.",
    "Restart the appliance.",
  ),
  "not-allowed": describe(
    "settings",
    "This is not allowed.",
    "The caller may not do this.",
    "Use the console of the appliance.",
  ),
  "internal-error": describe(
    "service",
    "Something went wrong inside.",
    "This is a fault of the software.",
    "Try again. If it stays, make a support bundle and report it.",
  ),
  // commands
  "command-expired": describe(
    "service",
    "The command came too late and was not carried out.",
    "The appliance could not be reached in time.",
    "Give the command again when it is still wanted.",
  ),
  "command-unknown": describe(
    "service",
    "The command is of a kind that this appliance does not know.",
    "The platform is newer than the appliance.",
    "Update the appliance.",
  ),
  "network-change-reverted": describe(
    "settings",
    "The network settings that the platform sent were taken back.",
    "Over the new settings the platform could not be reached in time.",
    "Compare them with the network there, and send them again when they are right.",
  ),
  // scan
  "scan-targets-invalid": describe(
    "scan",
    "The scan's targets are not valid.",
    "An address or range is mistyped.",
    "Correct the targets of the scan.",
  ),
  "scan-engine-failed": describe(
    "scan",
    "The scan engine failed.",
    "The program nmap ended with an error.",
    "Look at the details; the part is tried again once.",
  ),
  "scan-incomplete": describe(
    "scan",
    "Part of the scan did not finish.",
    "Hosts took too long, or were skipped.",
    "The result says which addresses were not tested.",
  ),
  "scan-stopped": describe(
    "scan",
    "The scan was stopped.",
    "Somebody stopped it, or the job's time ran out.",
    "Start it again when wanted.",
  ),
  // updates
  "update-not-trusted": describe(
    "identity",
    "The list of updates is not signed by the keys that this appliance trusts.",
    "Something altered it, or the platform's update keys were replaced by ones that the old ones did not sign.",
    "Tell the platform's operator. Nothing of it was used.",
  ),
  "update-rolled-back": describe(
    "identity",
    "The list of updates is older than the one that this appliance has seen.",
    "Somebody offers an old list again, or the platform was set back to an older copy.",
    "Tell the platform's operator. The newer list stays in use.",
  ),
  "update-expired": describe(
    "identity",
    "The list of updates has expired.",
    "Somebody holds newer lists back, the platform did not renew it, or this appliance's clock is wrong.",
    "Check the appliance's clock, then tell the platform's operator.",
  ),
  "update-mixed": describe(
    "identity",
    "The parts of the list of updates do not belong together.",
    "Something between mixed parts of several lists, or the platform published just now.",
    "Nothing to do at first: it is read again. If it stays, tell the platform's operator.",
  ),
  "update-altered": describe(
    "identity",
    "A file of an update is not the one that was signed.",
    "Something altered it on the way or on the platform.",
    "Nothing to do at first: it is fetched again. If it stays, tell the platform's operator.",
  ),
  "update-too-large": describe(
    "storage",
    "An update is larger than this appliance takes.",
    "It is larger than the bound built in, or than the disk.",
    "Enlarge the appliance's disk, or publish a smaller file.",
  ),
  "update-no-root": describe(
    "identity",
    "This appliance cannot check updates.",
    "It was enrolled at a platform that gave it no keys for updates.",
    "Enrol it again with a new activation code.",
  ),
  "content-exists": describe(
    "service",
    "This version was published already.",
    "A published version never changes, so that every appliance has the same one.",
    "Publish it under another version.",
  ),
  "content-key-changed": describe(
    "service",
    "The key was replaced meanwhile.",
    "The key that was to be replaced does not count any more: it was asked for twice, or somebody else did it.",
    "Look at the keys again.",
  ),
  "content-keys-missing": describe(
    "storage",
    "The key for signing this is not on the platform.",
    "It was moved to a safe place.",
    "Put the key's file back into the platform's data folder for as long as it is needed.",
  ),
  // storage
  "storage-full": describe(
    "storage",
    "The disk is full.",
    "Results could not be uploaded for a long time.",
    "Restore the connection to the platform, or enlarge the disk.",
  ),
  "spool-full": describe(
    "storage",
    "The appliance keeps so many results that it takes no new jobs.",
    "They could not be uploaded for a long time, or the disk is full.",
    "Restore the connection to the platform: nothing is lost, and new jobs are taken when results have gone up. Or enlarge the disk.",
  ),
  "storage-damaged": describe(
    "storage",
    "A stored part was damaged and was put aside.",
    "The disk or a power cut damaged it.",
    "That part is missing; run the scan again if it matters.",
  ),
} as const satisfies Record<string, ErrorDescription>;

export type ErrorCode = keyof typeof errorCodes;

export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(errorCodes, text);
}
