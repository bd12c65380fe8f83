// Sends a clip, follows its analysis, and shows the report in place.
import { card, draw, follow, showReport } from "./jobs.js";

const form = document.getElementById("clip");
const file = document.getElementById("file");
const drop = document.getElementById("drop");
const chosen = document.getElementById("chosen");
const problem = document.getElementById("problem");
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
    if (request.status === 202) follow(article, request.response, showReport);
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

for (const job of await (await fetch("/api/jobs")).json()) if (!job.live) follow(card(job.name), job);
