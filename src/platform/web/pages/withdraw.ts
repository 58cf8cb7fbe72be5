import { OutriderError } from "../../../base/messages/error.ts";
import { contentKinds } from "../../../protocol/schemas/updates.ts";
import type { ContentPath } from "../../operator/schemas.ts";
import { actionForm } from "../parts/components.ts";
import { type Html, html } from "../parts/html.ts";
import type { WebPage } from "../parts/send-page.ts";
import type { ContentView } from "../parts/view-types.ts";

/** Taking a published version back. */
export const withdrawPage: WebPage = {
  addRoutes(scope, { operator, sendPage, formToken, actor }) {
    const { content } = operator;
    const path = "/updates/:kind/:name/:version/withdraw";
    const find = ({ kind, name, version }: ContentPath): ContentView => {
      const found = content
        .list()
        .find((each) => each.kind === kind && each.name === name && each.version === version);
      if (!found || !contentKinds.includes(kind)) throw new OutriderError("not-found");
      return found;
    };

    scope.get<{ Params: ContentPath }>(path, async (request, reply) =>
      sendPage(reply, {
        title: "Take back an update",
        section: "/updates",
        content: withdrawContent(find(request.params), formToken(request)),
      }),
    );
    scope.post<{ Params: ContentPath }>(path, async (request, reply) => {
      await content.withdraw(find(request.params), actor(request));
      return reply.redirect("/updates", 303);
    });
  },
};

function withdrawContent(
  { kind, name, version }: Pick<ContentView, "kind" | "name" | "version">,
  formToken: string,
): Html {
  return html`<p class="path"><a href="/updates">Updates</a></p>
<h1>Take back ${name} ${version}?</h1>
<p>It leaves the signed list and is deleted here. Appliances drop it with their next look at the
list and go back to the version before, where there is one. The same version can be published again.</p>
${actionForm(
  `/updates/${kind}/${name}/${version}/withdraw`,
  formToken,
  html`<div
class="buttons"><button class="danger">Take it back</button><a class="button" href="/updates">Leave it</a></div>`,
)}`;
}
