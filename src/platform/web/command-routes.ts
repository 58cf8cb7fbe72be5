import type { FastifyInstance } from "fastify";
import { OutriderError } from "../../base/messages/error.ts";
import type { NetworkChange } from "../../protocol/schemas/commands.ts";
import { validators } from "../../protocol/validators.ts";
import { isCommandKind } from "../operator/commands.ts";
import type { Operator } from "../operator/operator.ts";
import { confirmCommandPage, emptyNetworkChange, networkCommandPage } from "./pages/commands.ts";
import { formValue } from "./parts/session.ts";
import type { SendPage } from "./routes.ts";

interface Place {
  Params: { id: string };
}

/** What the operator has an appliance do, and what came of it. */
export function addCommandPages(
  scope: FastifyInstance,
  operator: Operator,
  sendPage: SendPage,
  formToken: (session: string) => string,
): void {
  const { fleet, commands } = operator;

  for (const kind of ["reboot", "decommission"] as const) {
    scope.get<Place>(`/appliances/:id/commands/${kind}`, async (request, reply) => {
      const appliance = await fleet.find(request.params.id);
      const content = confirmCommandPage(appliance, kind, formToken(request.sessionToken));
      return sendPage(reply, request.sessionToken, {
        title: `Command for ${appliance.name}`,
        section: "/fleet",
        content,
      });
    });
  }

  scope.get<Place>("/appliances/:id/commands/network", async (request, reply) => {
    const appliance = await fleet.find(request.params.id);
    const content = networkCommandPage(
      appliance,
      emptyNetworkChange,
      undefined,
      formToken(request.sessionToken),
    );
    return sendPage(reply, request.sessionToken, {
      title: `Network of ${appliance.name}`,
      section: "/fleet",
      content,
    });
  });

  scope.post<Place>("/appliances/:id/commands", async (request, reply) => {
    const appliance = await fleet.find(request.params.id);
    const kind = formValue(request, "kind");
    if (!isCommandKind(kind))
      throw new OutriderError("request-invalid", { detail: "there is no such command" });
    if (kind !== "network") {
      await commands.give(appliance.id, { kind });
      return reply.redirect(`/appliances/${appliance.id}`, 303);
    }
    const text = formValue(request, "change").slice(0, 60_000);
    const change = readChange(text);
    if (typeof change === "string") {
      const content = networkCommandPage(appliance, text, change, formToken(request.sessionToken));
      return sendPage(
        reply,
        request.sessionToken,
        { title: `Network of ${appliance.name}`, section: "/fleet", content },
        422,
      );
    }
    await commands.give(appliance.id, { kind, network: change });
    return reply.redirect(`/appliances/${appliance.id}`, 303);
  });

  scope.post<Place>("/appliances/:id/allow-copies", async (request, reply) => {
    await fleet.allowCopies(request.params.id);
    return reply.redirect(`/appliances/${request.params.id}`, 303);
  });

  scope.get<Place>("/commands/:id/bundle", async (request, reply) =>
    reply
      .type("application/gzip")
      .header(
        "content-disposition",
        `attachment; filename="outrider-support-${request.params.id.slice(0, 8)}.tar.gz"`,
      )
      .send(await commands.bundle(request.params.id)),
  );
}

/** The change, or what is wrong with it. */
function readChange(text: string): NetworkChange | string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return "This is not JSON.";
  }
  const change = validators.NetworkChange(parsed);
  if (change.valid) return change.value;
  const [first] = change.violations;
  return `${first?.path === "" ? "The change" : first?.path} ${first?.message}.`;
}
