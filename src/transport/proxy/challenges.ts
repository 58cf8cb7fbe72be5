/** One authentication scheme that a proxy offers (RFC 9110 section 11.3). */
export interface Challenge {
  /** In lower case: basic, digest, ntlm, negotiate. */
  scheme: string;
  /** Names in lower case. */
  parameters: Map<string, string>;
  /** The token68 that NTLM and Negotiate carry instead of parameters. */
  token: string | null;
}

export interface ChallengeReading {
  challenges: Challenge[];
  /**
   * Something was malformed or beyond the limits and was passed over: the proxy may offer more than
   * `challenges` has.
   */
  incomplete: boolean;
}

/** A proxy offers a handful; more are not read. */
const mostChallenges = 20;
const mostParameters = 40;

const tokenCharacters = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
/** The end of a value: a comma, the field's end, or the next parameter where the comma is missing. */
const valueEnd = `(?=\\s*(?:,|$)|[ \\t]+${tokenCharacters}\\s*=)`;
/**
 * A value without quotes is often no token: `realm=Müller GmbH`, `nonce=YWJj==`. A semicolon is no
 * part of it: some write one where a comma belongs, and the next scheme may follow it.
 */
const bareWord = `[^\\s",;]+`;
const parameterForm = new RegExp(
  `^(${tokenCharacters})\\s*=\\s*(?:"((?:[^"\\\\]|\\\\.)*)"${valueEnd}|(${bareWord})${valueEnd}` +
    `|([^\\s",;=]+(?:[ \\t]+[^\\s",;=]+)+)(?=\\s*(?:,|$)))`,
);
const schemeForm = new RegExp(
  `^(${tokenCharacters})(?:[ \\t]+([A-Za-z0-9._~+/-]+=*)(?=\\s*(?:,|$)))?(?=\\s|,|$)`,
);

/**
 * Names that end a value without quotes, and that are no token68: a proxy may leave out the comma
 * before the next scheme.
 */
const knownSchemes = new Set(["basic", "bearer", "digest", "kerberos", "negotiate", "ntlm"]);
const isKnownScheme = (word: string) => knownSchemes.has(word.toLowerCase());

/**
 * Reads the values of Proxy-Authenticate fields (RFC 9110 section 11.7.1). One field may hold
 * several challenges, separated by the same commas as their parameters: a name without an equals
 * sign and a value begins the next challenge. After what is malformed, reading goes on behind the
 * next comma, as in curl (Curl_http_input_auth).
 */
export function parseChallenges(values: readonly string[]): ChallengeReading {
  const challenges: Challenge[] = [];
  let incomplete = false;
  for (const value of values) {
    let rest = value;
    let current: Challenge | undefined;
    let isInQop = false;
    while (rest !== "") {
      const separator = /^[\s,]+/.exec(rest);
      if (separator) {
        rest = rest.slice(separator[0].length);
        continue;
      }
      const parameter = current && readParameter(rest);
      if (parameter && current) {
        if (current.parameters.size >= mostParameters) return { challenges, incomplete: true };
        current.parameters.set(parameter.name, parameter.value);
        isInQop = parameter.name === "qop" && parameter.isBare;
        rest = rest.slice(parameter.length);
        continue;
      }
      // `qop=auth,auth-int` is a common list without quotes.
      const qop = isInQop && current ? /^auth(?:-int)?(?=\s*(?:,|$))/i.exec(rest) : null;
      if (qop && current) {
        current.parameters.set("qop", `${current.parameters.get("qop")},${qop[0]}`);
        rest = rest.slice(qop[0].length);
        continue;
      }
      const scheme = schemeForm.exec(rest);
      if (scheme?.[1] === undefined) {
        incomplete = true;
        const comma = rest.indexOf(",");
        rest = comma < 0 ? "" : rest.slice(comma);
        continue;
      }
      if (challenges.length >= mostChallenges) return { challenges, incomplete: true };
      const token = scheme[2] === undefined || isKnownScheme(scheme[2]) ? null : scheme[2];
      current = { scheme: scheme[1].toLowerCase(), parameters: new Map(), token };
      isInQop = false;
      challenges.push(current);
      rest = rest.slice(token === null ? scheme[1].length : scheme[0].length);
    }
  }
  return { challenges, incomplete };
}

interface Parameter {
  name: string;
  value: string;
  isBare: boolean;
  length: number;
}

function readParameter(text: string): Parameter | null {
  const found = parameterForm.exec(text);
  if (found?.[1] === undefined) return null;
  const [whole, name, quoted, word, words] = found;
  if (words?.split(/[ \t]+/).some(isKnownScheme)) return null;
  // `Basic realm= NTLM` has an empty realm, and no comma.
  if (word !== undefined && isKnownScheme(word) && word.toLowerCase() !== "basic") return null;
  return {
    name: name.toLowerCase(),
    value: quoted?.replace(/\\(.)/g, "$1") ?? word ?? words ?? "",
    isBare: quoted === undefined,
    length: whole.length,
  };
}
