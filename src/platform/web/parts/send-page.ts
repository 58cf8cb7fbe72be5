import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Clock } from "../../../base/clock.ts";
import type { Actor } from "../../operator/journal.ts";
import type { Operator } from "../../operator/operator.ts";
import type { NavigationEntry, Page } from "./layout.ts";

/** Sends a page to a logged-in operator; `status` other than 200 for a form that was refused. */
export type SendPage = (reply: FastifyReply, page: Page, status?: number) => FastifyReply;

/** Dependencies of a page's routes. Every request that reaches them has a session. */
export interface PageParts {
  operator: Operator;
  clock: Clock;
  sendPage: SendPage;
  /** The proof that every form of the page carries. */
  formToken(request: FastifyRequest): string;
  /** The operator as the journal names them, without giving the session away. */
  actor(request: FastifyRequest): Actor;
}

/** One page. A file of pages/ has its HTML and the requests that it serves. */
export interface WebPage {
  /** Its entry in the navigation, if it has one. */
  navigation?: NavigationEntry;
  addRoutes(scope: FastifyInstance, parts: PageParts): void;
}

/** A request for one thing by its id. */
export interface IdRoute {
  Params: { id: string };
}
