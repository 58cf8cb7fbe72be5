/**
 * Publishes a file with the fields of its form. The browser streams the file without a copy in
 * memory, and the page shows the progress.
 */
for (const form of document.querySelectorAll<HTMLFormElement>("form[data-publish]"))
  form.addEventListener("submit", (event) => publish(event, form));

function publish(event: Event, form: HTMLFormElement): void {
  event.preventDefault();
  const values = new FormData(form);
  const file = values.get("file");
  if (!(file instanceof File) || file.size === 0) {
    showProblem("Choose a file that is not empty.");
    return;
  }
  const query = new URLSearchParams();
  for (const name of ["kind", "name", "version", "summary"])
    query.set(name, String(values.get(name) ?? "").trim());
  const button = form.querySelector("button");
  const progress = document.getElementById("publish-progress");
  const request = new XMLHttpRequest();
  const finish = (problem: string) => {
    if (button) button.disabled = false;
    if (progress) progress.hidden = true;
    showProblem(problem);
  };
  request.upload.addEventListener("progress", ({ loaded, total }) =>
    showProgress(progress, loaded, total),
  );
  request.addEventListener("error", () =>
    finish("The platform did not answer; nothing was published."),
  );
  request.addEventListener("load", () => {
    if (request.status === 201) location.assign("/updates");
    else finish(problemIn(request.responseText));
  });
  if (button) button.disabled = true;
  showProblem("");
  request.open("POST", `${form.dataset.publish}?${query}`);
  request.setRequestHeader("content-type", "application/octet-stream");
  request.setRequestHeader("x-outrider-form", String(values.get("form") ?? ""));
  request.send(file);
}

function showProblem(text: string): void {
  const problem = document.getElementById("publish-problem");
  if (!problem) return;
  problem.textContent = text;
  problem.hidden = text === "";
}

function showProgress(progress: HTMLElement | null, loaded: number, total: number): void {
  const bar = progress?.querySelector("progress");
  const words = progress?.querySelector("span");
  if (!progress || !bar || !words) return;
  progress.hidden = false;
  bar.value = total > 0 ? (100 * loaded) / total : 0;
  words.textContent = loaded === total ? "Being signed" : `${Math.round(bar.value)} %`;
}

function problemIn(text: string): string {
  try {
    const answer: unknown = JSON.parse(text);
    if (
      typeof answer === "object" &&
      answer !== null &&
      "problem" in answer &&
      typeof answer.problem === "string"
    )
      return answer.problem;
  } catch {
    // Not a reply of the platform: the session may have ended.
  }
  return "The platform refused it; log in again and try once more.";
}
