// Sends a clip, follows its analysis, and shows the report in place.
const form = document.getElementById("clip");
const file = document.getElementById("file");
const drop = document.getElementById("drop");
const chosen = document.getElementById("chosen");
const problem = document.getElementById("problem");
const list = document.getElementById("jobs");
const hint = chosen.textContent;

const complain = (sentence) => {
  problem.textContent = sentence || "";
  problem.hidden = !sentence;
};

const tooLarge = (clip) => clip.size > Number(form.dataset.limit);

file.addEventListener("change", () => {
  const clip = file.files[0];
  chosen.textContent = clip ? clip.name : hint;
  complain(clip && tooLarge(clip) ? "This file is larger than " + form.dataset.limitWords + "; cut it to the set." : "");
});

for (const kind of ["dragenter", "dragover", "dragleave", "drop"]) {
  window.addEventListener(kind, (event) => {
    event.preventDefault();
    drop.classList.toggle("over", kind === "dragenter" || kind === "dragover");
    if (kind !== "drop" || !event.dataTransfer.files.length) return;
    file.files = event.dataTransfer.files;
    file.dispatchEvent(new Event("change"));
  });
}

const showReport = (job) => {
  document.getElementById("report").hidden = false;
  document.getElementById("report-name").textContent = job.name;
  document.getElementById("report-link").href = job.result;
  document.getElementById("report-frame").src = job.report;
  document.getElementById("report").scrollIntoView({ behavior: "smooth" });
};

const card = (name) => {
  const article = document.getElementById("job").content.firstElementChild.cloneNode(true);
  article.querySelector("h3").textContent = name;
  list.prepend(article);
  return article;
};

const STATES = { done: "Done.", cancelled: "Cancelled." };

const stageOf = (job) => {
  if (job.state === "failed") return job.error;
  if (job.state === "waiting") return "Waiting: " + job.ahead + (job.ahead === 1 ? " clip comes" : " clips come") + " first.";
  return STATES[job.state] || job.stage + ", " + Math.round(100 * job.share) + " %";
};

const draw = (article, job) => {
  const over = job.state in STATES || job.state === "failed";
  article.classList.toggle("failed", job.state === "failed");
  article.querySelector(".stage").textContent = stageOf(job);
  article.querySelector("progress").value = job.share;
  article.querySelector("progress").hidden = over;
  article.querySelector(".cancel").hidden = over;
  article.querySelector(".show").hidden = job.state !== "done";
  article.querySelector(".show").onclick = () => showReport(job);
  article.querySelector(".cancel").onclick = () => fetch("/api/jobs/" + job.id, { method: "DELETE" });
};

const follow = (article, job, open) => {
  draw(article, job);
  if (job.state in STATES || job.state === "failed") return;
  const events = new EventSource("/api/jobs/" + job.id + "/events");
  events.onmessage = (event) => {
    const now = JSON.parse(event.data);
    draw(article, now);
    if (now.state in STATES || now.state === "failed") events.close();
    if (now.state === "done" && open) showReport(now);
  };
  events.onerror = () => {
    if (events.readyState === EventSource.CLOSED) {
      article.querySelector(".stage").textContent = "The connection was lost; load this page again to see how far it is.";
    }
  };
};

// XMLHttpRequest, since fetch does not tell how much has been sent.
const send = (clip, article) => {
  const query = new URLSearchParams({ name: clip.name });
  for (const [name, value] of new FormData(form)) if (value && typeof value === "string") query.set(name, value === "on" ? "true" : value);
  const request = new XMLHttpRequest();
  const give = (sentence) => draw(article, { state: "failed", error: sentence, share: 0 });
  request.open("POST", "/api/clips?" + query);
  request.responseType = "json";
  request.upload.onprogress = (event) => draw(article, { state: "running", stage: "Sending", share: event.loaded / (event.total || 1) });
  request.upload.onload = () => draw(article, { state: "running", stage: "Checking the file", share: 1 });
  request.onload = () => {
    if (request.status === 202) follow(article, request.response, true);
    else give((request.response && request.response.error) || "The server refused this clip (" + request.status + ").");
  };
  request.onerror = () => give("The connection broke off; is 'knee-track serve' still running?");
  request.send(clip);
  article.querySelector(".cancel").onclick = () => {
    request.abort();
    article.remove();
  };
};

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const clip = file.files[0];
  if (!clip || tooLarge(clip)) return;
  complain("");
  const article = card(clip.name);
  draw(article, { state: "running", stage: "Sending", share: 0 });
  send(clip, article);
  file.value = "";
  chosen.textContent = hint;
});

for (const job of await (await fetch("/api/jobs")).json()) follow(card(job.name), job, false);
