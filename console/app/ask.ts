import { asOutriderError } from "../../src/base/messages/error.ts";
import type { ConfigdClient } from "../../src/configd/api/api.ts";
import type { Ask, CallFailure, ScreenEvent } from "../contract/contract.ts";

export type Answer = Exclude<ScreenEvent, { type: "key" } | { type: "status" } | { type: "tick" }>;

/** Puts a screen's question to configd. Null when the console ended meanwhile. */
export async function ask(
  client: ConfigdClient,
  question: Ask,
  signal: AbortSignal,
): Promise<Answer | null> {
  try {
    return await call(client, question, signal);
  } catch (error) {
    return signal.aborted
      ? null
      : { type: "failed", verb: question.verb, failure: failureOf(error) };
  }
}

async function call(client: ConfigdClient, question: Ask, signal: AbortSignal): Promise<Answer> {
  switch (question.verb) {
    case "review":
      return { type: "reviewed", review: await client.call("review", question.change, signal) };
    case "try":
      return { type: "tried", trial: await client.call("try", question.change, signal) };
    case "doctor":
      return {
        type: "diagnosed",
        results: (
          await client.call(
            "doctor",
            question.only === undefined ? {} : { only: question.only },
            signal,
          )
        ).results,
      };
    case "keep":
    case "revert":
    case "extend":
      await client.call(question.verb, { id: question.id }, signal);
      break;
    case "enrol":
      await client.call("enrol", { url: question.url, code: question.code }, signal);
      break;
    case "power":
      await client.call("power", { action: question.action }, signal);
      break;
    case "callNow":
      await client.call("callNow", {}, signal);
      break;
    case "restore":
      return { type: "tried", trial: await client.call("restore", question.request, signal) };
    case "renew":
      await client.call("renew", question.request, signal);
      break;
    case "setKeyboard":
      await client.call("setKeyboard", question.request, signal);
      return { type: "done", verb: "setKeyboard" };
    case "setPin":
      await client.call("setPin", question.request, signal);
      break;
    case "stopScan":
      await client.call("stopScan", question.request, signal);
      break;
    case "sendSupportBundle":
      await client.call("sendSupportBundle", question.request, signal);
      break;
    case "checkUpdates":
      await client.call("checkUpdates", question.request, signal);
      break;
    case "factoryReset":
      await client.call("factoryReset", question.request, signal);
      break;
    case "history":
      return {
        type: "told",
        verb: "history",
        reply: await client.call("history", question.request, signal),
      };
    case "logs":
      return {
        type: "told",
        verb: "logs",
        reply: await client.call("logs", question.request, signal),
      };
    case "tryPath":
      return {
        type: "told",
        verb: "tryPath",
        reply: await client.call("tryPath", question.request, signal),
      };
    case "volumes":
      return {
        type: "told",
        verb: "volumes",
        reply: await client.call("volumes", question.request, signal),
      };
    case "certificateFiles":
      return {
        type: "told",
        verb: "certificateFiles",
        reply: await client.call("certificateFiles", question.request, signal),
      };
    case "readVolume":
      return {
        type: "told",
        verb: "readVolume",
        reply: await client.call("readVolume", question.request, signal),
      };
    case "supportBundle":
      return {
        type: "told",
        verb: "supportBundle",
        reply: await client.call("supportBundle", question.request, signal),
      };
    case "unlock":
      return {
        type: "told",
        verb: "unlock",
        reply: await client.call("unlock", question.request, signal),
      };
    case "egress":
      return {
        type: "told",
        verb: "egress",
        reply: await client.call("egress", question.request, signal),
      };
    case "recoverNetwork":
      return {
        type: "told",
        verb: "recoverNetwork",
        reply: await client.call("recoverNetwork", question.request, signal),
      };
  }
  return { type: "done", verb: question.verb };
}

function failureOf(thrown: unknown): CallFailure {
  const error = asOutriderError(thrown, "configd-unreachable");
  // What a client throws that is no error of ours is about its socket, and says nothing to people.
  return {
    code: error.code,
    detail: null,
    ...(error === thrown && error.detail !== undefined ? error.told : {}),
  };
}
