// An analysis on the page: its card, its progress, its report in place. Needs #jobs, #job and #report.
const list = document.getElementById("jobs");

export const card = (name) => {
  const article = document.getElementById("job").content.firstElementChild.cloneNode(true);
  article.querySelector("h3").textContent = name;
  list.prepend(article);
  return article;
};

export const showReport = (job) => {
  document.getElementById("report").hidden = false;
  document.getElementById("report-name").textContent = job.name;
  document.getElementById("report-link").href = job.result;
  document.getElementById("report-frame").src = job.report;
  document.getElementById("report").scrollIntoView({ behavior: "smooth" });
};

const OVER = { done: "Done.", cancelled: "Cancelled.", failed: "" };

const stageOf = (job) => {
  if (job.state === "failed") return job.error;
  if (job.state === "waiting" && job.ahead) return "Waiting: " + job.ahead + (job.ahead === 1 ? " clip comes" : " clips come") + " first.";
  return OVER[job.state] || job.stage + ", " + Math.round(100 * job.share) + " %";
};

export const draw = (article, job) => {
  const over = job.state in OVER;
  article.classList.toggle("failed", job.state === "failed");
  const stage = article.querySelector(".stage-word");
  if (stage.textContent !== stageOf(job)) stage.textContent = stageOf(job);
  article.querySelector("progress").value = job.share;
  article.querySelector("progress").hidden = over;
  article.querySelector(".cancel").hidden = over;
  article.querySelector(".show").hidden = job.state !== "done";
  article.querySelector(".show").onclick = () => showReport(job);
  article.querySelector(".cancel").onclick = () => fetch("/api/jobs/" + job.id, { method: "DELETE" });
};

// Follows a job to its end; `whenDone` gets it when it has a result.
export const follow = (article, job, whenDone) => {
  draw(article, job);
  if (job.state in OVER) return;
  const events = new EventSource("/api/jobs/" + job.id + "/events");
  events.onmessage = (event) => {
    const now = JSON.parse(event.data);
    draw(article, now);
    if (now.state in OVER) events.close();
    if (now.state === "done" && whenDone) whenDone(now);
  };
  events.onerror = () => {
    if (events.readyState === EventSource.CLOSED) {
      article.querySelector(".stage-word").textContent = "The connection was lost; load this page again to see how far it is.";
    }
  };
};
