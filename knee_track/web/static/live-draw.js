// Draws what the server said over the picture, and in the panels beside it.
const COLOURS = { none: "#ffffff", unknown: "#ffffff", mild: "#ffd84d", moderate: "#ff9a3c", severe: "#ff5a4f" };
const WORDS = { none: "", unknown: "", mild: "inward", moderate: "far inward", severe: "very far inward" };
const LOW = -8; // degrees at the ends of a bar
const HIGH = 16;

const share = (deg) => (Math.min(HIGH, Math.max(LOW, deg)) - LOW) / (HIGH - LOW);

export const signed = (value) => (value < 0 ? "−" : "+") + Math.abs(value).toFixed(1) + "°";

export const banded = (value, band) => (value === null ? "–" : signed(value) + (band === null ? "" : " ± " + band.toFixed(1) + "°"));

// Said of a knee that is neither inward nor clearly outward.
const onLine = (leg) => leg.grade === "none" && Math.abs(leg.deg) <= Math.max(4, leg.band);

export const drawKnee = (panel, leg, moving = false) => {
  panel.dataset.grade = leg.grade;
  panel.querySelector(".deg").textContent = leg.deg === null ? "–" : signed(leg.deg);
  panel.querySelector(".band").textContent = leg.band === null ? "" : "± " + leg.band.toFixed(1) + "°";
  panel.querySelector(".word").textContent = moving && onLine(leg) ? "on the line" : WORDS[leg.grade];
  const fill = panel.querySelector(".fill");
  const [from, to] = [share(0), share(leg.deg === null ? 0 : leg.deg)];
  fill.style.left = 100 * Math.min(from, to) + "%";
  fill.style.width = 100 * Math.abs(to - from) + "%";
};

export const placeMarks = (panel, limitDeg) => {
  panel.querySelector(".zero").style.left = 100 * share(0) + "%";
  panel.querySelector(".limit").style.left = 100 * share(limitDeg) + "%";
};

const polyline = (pen, points, width, height) => {
  pen.beginPath();
  points.forEach(([x, y], index) => (index ? pen.lineTo(x * width, y * height) : pen.moveTo(x * width, y * height)));
  pen.stroke();
};

const dot = (pen, [x, y], radius, width, height) => {
  pen.beginPath();
  pen.arc(x * width, y * height, radius, 0, 2 * Math.PI);
  pen.fill();
};

// Strokes twice: dark below, so that every colour shows on every picture.
const stroke = (pen, colour, thick, trace) => {
  for (const [style, width] of [["rgba(0,0,0,.65)", thick * 1.9], [colour, thick]]) {
    pen.strokeStyle = style;
    pen.lineWidth = width;
    trace();
  }
};

export const drawOverlay = (canvas, video, state) => {
  const pen = canvas.getContext("2d");
  const [width, height] = [video.videoWidth, video.videoHeight];
  if (width && (canvas.width !== width || canvas.height !== height)) [canvas.width, canvas.height] = [width, height];
  const thick = Math.max(2, Math.max(width, height) / 260);
  pen.clearRect(0, 0, canvas.width, canvas.height);
  pen.lineCap = pen.lineJoin = "round";
  if (!state) return;
  for (const side of ["left", "right"]) {
    const leg = state.legs[side];
    const bones = state.bones[side];
    const colour = COLOURS[leg.grade];
    if (bones) stroke(pen, "rgba(255,255,255,.8)", thick * 0.6, () => polyline(pen, bones, width, height));
    if (leg.line) stroke(pen, "#5fe08a", thick, () => polyline(pen, leg.line, width, height));
    if (bones && leg.target) stroke(pen, colour, thick * 1.8, () => polyline(pen, [leg.target, bones[1]], width, height));
    if (bones) {
      pen.fillStyle = "rgba(0,0,0,.65)";
      dot(pen, bones[1], thick * 3.4, width, height);
      pen.fillStyle = colour;
      dot(pen, bones[1], thick * 2.6, width, height);
    }
  }
};
