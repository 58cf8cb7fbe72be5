import { JSException, type JSValueHandle, QuickJS } from "quickjs-wasi";
import { pacFunctions } from "./functions.ts";
import type { PacQuestion, PacReply } from "./messages.ts";
import type { PacArgument } from "./times.ts";

const mostMemoryBytes = 32 * 2 ** 20;
const deepestStackBytes = 256 * 1024;
/** Names that one run may ask for. */
const mostNames = 20;
const longestAnswer = 4096;

/**
 * Runs a PAC file once, in an engine that has nothing but memory and these functions, both bounded.
 */
export async function evaluatePac(
  wasm: Uint8Array<ArrayBuffer>,
  question: PacQuestion,
): Promise<PacReply> {
  const { script, url, host, nowMs, ownAddress, names, limitMs } = question;
  const missing = new Set<string>();
  let untilMs = Number.POSITIVE_INFINITY;
  const vm = await QuickJS.create({
    wasm,
    memoryLimit: mostMemoryBytes,
    maxStackSize: deepestStackBytes,
    interruptHandler: () => performance.now() > untilMs,
  });
  // Starting the engine does not count against the script's time.
  untilMs = performance.now() + limitMs;
  const addressesOf = (name: string) => {
    const known = Object.hasOwn(names, name) ? names[name] : undefined;
    if (known === undefined && missing.size < mostNames) missing.add(name);
    return known ?? [];
  };
  for (const [name, call] of Object.entries(pacFunctions({ nowMs, ownAddress, addressesOf }))) {
    const handle = vm.newFunction(name, (...parameters) =>
      toHandle(vm, call(...parameters.map(toArgument))),
    );
    vm.setProp(vm.global, name, handle);
  }
  try {
    vm.evalCode(script, "proxy.pac").dispose();
    const [usual, extended] = ["FindProxyForURL", "FindProxyForURLEx"].map((name) =>
      vm.global.getProp(name),
    );
    // Microsoft's name, which WinHTTP knows, is used where the other is missing.
    const find = usual?.isFunction ? usual : extended;
    if (!find?.isFunction) return { kind: "fault", fault: "it has no function FindProxyForURL" };
    const answer = vm.callFunction(find, vm.undefined, vm.newString(url), vm.newString(host));
    // The script saw no address for these names only because they were not looked up yet, so its
    // answer does not count.
    if (missing.size > 0) return { kind: "missing", names: [...missing] };
    if (answer.isNull || answer.isUndefined) return { kind: "answer", answer: "" };
    if (!answer.isString) return { kind: "fault", fault: "FindProxyForURL gives no text" };
    return { kind: "answer", answer: answer.toString().slice(0, longestAnswer) };
  } catch (error) {
    if (missing.size > 0 && performance.now() <= untilMs)
      return { kind: "missing", names: [...missing] };
    return {
      kind: "fault",
      fault:
        performance.now() > untilMs ? `it takes longer than ${limitMs / 1000} s` : faultText(error),
    };
  } finally {
    vm.dispose();
  }
}

function toArgument(handle: JSValueHandle): PacArgument {
  if (handle.isString) return handle.toString();
  if (handle.isNumber) return handle.toNumber();
  if (handle.isBool) return handle.toBoolean();
  return null;
}

function toHandle(vm: QuickJS, value: PacArgument): JSValueHandle {
  if (typeof value === "string") return vm.newString(value);
  if (typeof value === "number") return vm.newNumber(value);
  if (value === null) return vm.null;
  return value ? vm.true : vm.false;
}

/** The script's error in printable ASCII. */
function faultText(error: unknown): string {
  const text = error instanceof JSException ? `${error.name}: ${error.message}` : String(error);
  return text.replace(/[^\x20-\x7e]/g, "?").slice(0, 300);
}
