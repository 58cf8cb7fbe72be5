/**
 * The users of the image's root file system. Their numbers are fixed, since /data outlives the root
 * file system that names them.
 */
export const agentUser = 820;
export const scanUser = 821;
export const consoleUser = 822;

/**
 * The user of systemd-networkd. The image build chooses its number, so nft looks it up by name when
 * it loads the rules.
 */
export const networkdUser = "systemd-network";
