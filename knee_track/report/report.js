// Ties the curves, the tables and the video together: one moment, shown everywhere. Works without a video too.
"use strict";
(() => {
  const series = JSON.parse(document.getElementById("series").textContent);
  const chart = document.querySelector("svg.chart");
  const cursor = chart.querySelector(".cursor");
  const readout = document.getElementById("readout");
  const video = document.querySelector("video");
  const [x0, x1, t0, t1] = ["x0", "x1", "t0", "t1"].map((name) => Number(chart.dataset[name]));
  let moment = t0;

  const indexAt = (seconds) => {
    let low = 0;
    let high = series.time.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (series.time[middle] <= seconds + 1e-3) low = middle;
      else high = middle - 1;
    }
    return low;
  };

  const signed = (value) => (value < 0 ? "−" : "+") + Math.abs(value).toFixed(1) + "°";

  const describe = (index) => {
    const rep = series.rep[index];
    const parts = [series.time[index].toFixed(2) + " s", rep ? "rep " + rep + ", " + series.phase[index] : "standing"];
    for (const [leg, curve] of Object.entries(series.legs)) {
      const deviation = curve.deviation[index];
      if (deviation === null) continue;
      const band = curve.band[index];
      parts.push(leg + " " + signed(deviation) + (band === null ? "" : " ± " + band.toFixed(1) + "°"));
    }
    if (series.depth[index] !== null) parts.push("depth " + Math.round(100 * series.depth[index]) + " %");
    return parts.join("  ·  ");
  };

  const show = (seconds) => {
    moment = Math.min(t1, Math.max(t0, seconds));
    const x = x0 + ((moment - t0) / (t1 - t0)) * (x1 - x0);
    cursor.setAttribute("transform", "translate(" + x.toFixed(1) + " 0)");
    cursor.setAttribute("visibility", "visible");
    readout.textContent = describe(indexAt(moment));
    for (const row of document.querySelectorAll("tr[data-from]")) {
      row.classList.toggle("now", moment >= Number(row.dataset.from) && moment <= Number(row.dataset.to));
    }
  };

  // The annotated video starts at 0 s, the analysed part of the clip at t0.
  const seek = (seconds) => {
    show(seconds);
    if (video && video.readyState > 0) video.currentTime = moment - t0;
  };

  const follow = () => {
    show(video.currentTime + t0);
    if (!video.paused && !video.ended) requestAnimationFrame(follow);
  };

  const secondsAt = (event) => {
    const box = chart.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * chart.viewBox.baseVal.width;
    return t0 + ((x - x0) / (x1 - x0)) * (t1 - t0);
  };

  const jump = (target) => {
    seek(Number(target.dataset.seek));
    if (target.classList.contains("jump") && video) video.scrollIntoView({ block: "nearest", behavior: "smooth" });
  };

  document.addEventListener("click", (event) => {
    const target = event.target.closest("[data-seek]");
    if (target) jump(target);
  });

  document.addEventListener("keydown", (event) => {
    const target = event.target.closest("rect[data-seek]");
    if (!target || (event.key !== "Enter" && event.key !== " ")) return;
    event.preventDefault();
    jump(target);
  });

  let dragging = false;
  chart.addEventListener("pointerdown", (event) => {
    if (event.target.closest("[data-seek]")) return;
    dragging = true;
    chart.setPointerCapture(event.pointerId);
    seek(secondsAt(event));
  });
  chart.addEventListener("pointermove", (event) => dragging && seek(secondsAt(event)));
  for (const end of ["pointerup", "pointercancel"]) chart.addEventListener(end, () => (dragging = false));

  chart.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const index = Math.min(series.time.length - 1, Math.max(0, indexAt(moment) + step * (event.shiftKey ? 10 : 1)));
    seek(series.time[index]);
  });

  if (video) {
    for (const name of ["play", "seeked", "timeupdate"]) video.addEventListener(name, follow);
    video.addEventListener("error", () => {
      video.hidden = true;
      document.querySelector(".lost").hidden = false;
    });
  }
})();
