import { type Content, type Html, html } from "./html.ts";

export interface NavigationEntry {
  path: string;
  name: string;
}

export interface PageFrame {
  platformName: string;
  nowMs: number;
  formToken: string;
  navigation: readonly NavigationEntry[];
  /** Changes with the assets' content, and is part of their URLs. */
  assetsVersion: string;
}

export interface Page {
  title: string;
  /** The path of the navigation entry that is marked as current. */
  section: string;
  content: Content;
  /** The address to fetch this page again, if it is not its own. */
  liveUrl?: string;
}

export function layout(frame: PageFrame, page: Page): Html {
  return document(
    frame,
    page,
    html`<header class="top"><div class="inner">
<a class="brand" href="/fleet">${mark}<span>Outrider</span></a>
<nav aria-label="Main">${frame.navigation.map(
      ({ path, name }) => html`<a
href="${path}"${path === page.section ? html` aria-current="page"` : ""}>${name}</a>`,
    )}</nav> <form method="post" action="/log-out"><input type="hidden" name="form"
value="${frame.formToken}"><button class="plain">Log out</button></form>
</div></header>
<p id="lost" class="notice bad" role="status" hidden>The platform does not answer. What you see may
be old; this page tries again by itself.</p>
<main id="main" tabindex="-1">${page.content}</main>
<footer class="foot"><div class="inner"><span>${frame.platformName}</span><span
id="time-zone">Times are in UTC.</span></div></footer>`,
  );
}

/** A page without a session: no navigation. */
export function bareLayout(frame: PageFrame, page: Page): Html {
  return document(
    frame,
    page,
    html`<main id="main" class="bare"><p class="brand">${mark}<span>Outrider</span></p>${page.content}</main>`,
  );
}

function document(frame: PageFrame, page: Page, body: Html): Html {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${page.title} · ${frame.platformName}</title>
<link rel="icon" href="/assets/mark.svg" type="image/svg+xml">
<link rel="stylesheet" href="/assets/style.css?${frame.assetsVersion}">
<script type="module" src="/assets/live.ts?${frame.assetsVersion}"></script>
<script type="module" src="/assets/publish.ts?${frame.assetsVersion}"></script>
</head>
<body data-now="${frame.nowMs}"${page.liveUrl === undefined ? "" : html` data-live-url="${page.liveUrl}"`}>
<a class="skip" href="#main">Skip to the content</a>
${body}
</body>
</html>`;
}

/** A rider's pennant ahead of the column. */
export const mark = html`<svg class="mark" viewBox="0 0 32 32" aria-hidden="true"><rect x="7" y="3"
width="3" height="26" rx="1.5" fill="currentColor"/><path d="M10 5h17l-5 5.5 5 5.5H10z"
fill="currentColor"/><circle cx="24" cy="25" r="4" fill="none" stroke="currentColor" stroke-width="2.4"/></svg>`;
