/** Reads a boolean as hypervisors and people write it; null for another text. */
export function readSwitch(text: string): boolean | null {
  if (/^(?:true|yes|on|1|enabled?)$/i.test(text.trim())) return true;
  return /^(?:false|no|off|0|disabled?|)$/i.test(text.trim()) ? false : null;
}
