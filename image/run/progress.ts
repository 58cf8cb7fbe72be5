/** Shows the running step, its progress and its duration. */
export interface Progress {
  /** Runs one step. `report` takes a short text about the progress. */
  step<T>(title: string, work: (report: (howFar: string) => void) => Promise<T>): Promise<T>;
}

export interface ProgressOutput {
  write(text: string): unknown;
  isTTY?: boolean;
  columns?: number;
}

/** A step that ends sooner than this is not worth a line. */
const quietMs = 700;
/** How often a line is repeated where it cannot be overwritten. */
const repeatMs = 15_000;

export function lineProgress(output: ProgressOutput): Progress {
  return {
    async step(title, work) {
      const startedMs = performance.now();
      let howFar = "";
      let lastPrintedMs = startedMs;
      let shown = false;
      const line = (state: string) => {
        const seconds = Math.round((performance.now() - startedMs) / 1000);
        const text = `${title}${state === "" ? "" : `: ${state}`} (${seconds} s)`;
        return output.isTTY ? text.slice(0, (output.columns ?? 80) - 1) : text;
      };
      const show = () => {
        const nowMs = performance.now();
        if (nowMs - startedMs < quietMs) return;
        if (output.isTTY) output.write(`\r\x1b[K${line(howFar)}`);
        else if (!shown || nowMs - lastPrintedMs >= repeatMs) {
          output.write(`${line(howFar)}\n`);
          lastPrintedMs = nowMs;
        }
        shown = true;
      };
      const timer = setInterval(show, 500);
      try {
        const result = await work((text) => {
          howFar = text;
        });
        if (shown) output.write(`${output.isTTY ? "\r\x1b[K" : ""}${line("done")}\n`);
        return result;
      } catch (error) {
        if (shown && output.isTTY) output.write("\r\x1b[K");
        throw error;
      } finally {
        clearInterval(timer);
      }
    },
  };
}

export const silentProgress: Progress = {
  step: async (_title, work) => await work(() => undefined),
};
