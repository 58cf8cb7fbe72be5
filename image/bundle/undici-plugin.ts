import { join } from "node:path";
import type { Plugin } from "esbuild";

/**
 * The appliance uses `Agent` and `request` of undici. undici's main file also loads fetch,
 * WebSocket, caches and cookies, which cost a resident program about 10 MB; so the bundles take
 * only the files behind those two. undici's own declarations type their exports: any other import
 * fails the build.
 */
export function undiciPlugin(projectFolder: string): Plugin {
  const lib = join(projectFolder, "node_modules/undici/lib");
  return {
    name: "undici",
    setup(build) {
      build.onResolve({ filter: /^undici$/ }, () => ({
        path: "undici",
        namespace: "undici-subset",
        sideEffects: false,
      }));
      build.onLoad({ filter: /.*/, namespace: "undici-subset" }, () => ({
        contents: subset(lib),
        loader: "js",
        resolveDir: lib,
      }));
    },
  };
}

/** Exports `Agent` and `request` as undici's own index.js does. */
function subset(lib: string): string {
  const from = (path: string) => JSON.stringify(join(lib, path));
  return `
import Agent from ${from("dispatcher/agent.js")};
import Dispatcher from ${from("dispatcher/dispatcher.js")};
import dispatchRequest from ${from("api/api-request.js")};
Dispatcher.prototype.request = dispatchRequest;
export { Agent };
export function request(address, { dispatcher, ...options }) {
  const { origin, pathname, search } = new URL(address);
  return dispatcher.request({ ...options, origin, path: pathname + search, method: options.method ?? "GET" });
}
`;
}
