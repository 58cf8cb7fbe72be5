import { createServer, type Server } from "node:net";
import test, { type ExecutionContext } from "ava";
import { OutriderError } from "../../src/base/messages/error.ts";
import { connectToAny } from "../../src/transport/stages/connect.ts";
import { portOf } from "../testkit/proxies/origin.ts";

async function listenOn(t: ExecutionContext, address: string, port = 0): Promise<number> {
  const server: Server = createServer((socket) => socket.on("error", () => undefined));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, address, resolve);
  });
  t.teardown(() => void server.close());
  return portOf(server.address());
}

const never = new AbortController().signal;

test("an address that refuses is passed over", async (t) => {
  const port = await listenOn(t, "127.0.0.3");
  const { socket, address } = await connectToAny(["127.0.0.2", "127.0.0.3"], port, never);
  t.is(address, "127.0.0.3");
  socket.destroy();
});

test("when every address refuses, each is named", async (t) => {
  const port = await listenOn(t, "127.0.0.3");
  const error = await t.throwsAsync(connectToAny(["127.0.0.4", "127.0.0.5"], port, never), {
    instanceOf: OutriderError,
  });
  t.is(error?.code, "connect-refused");
  t.regex(error?.detail ?? "", /127\.0\.0\.4.*127\.0\.0\.5/);
});

test("without an address there is no connection, and after an abort neither", async (t) => {
  t.is(
    (await t.throwsAsync(connectToAny([], 443, never), { instanceOf: OutriderError }))?.code,
    "connect-silent",
  );
  const port = await listenOn(t, "127.0.0.1");
  const stop = new AbortController();
  const connecting = connectToAny(["127.0.0.1"], port, stop.signal);
  const reason = new Error("enough");
  stop.abort(reason);
  t.is(await t.throwsAsync(connecting), reason);
});
