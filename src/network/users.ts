/**
 * The users of the image's root file system: fixed numbers, since /data outlives the root that
 * names them.
 */
export const agentUser = 820;
export const scanUser = 821;
export const consoleUser = 822;

/**
 * systemd-networkd's: its number is the build's to choose, so nft looks it up by name where the
 * rules are loaded.
 */
export const networkdUser = "systemd-network";
