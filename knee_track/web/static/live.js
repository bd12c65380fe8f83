// The page Live: camera and server on one side, the client on the other.
import { card, follow, showReport } from "./jobs.js";
import { Camera } from "./live-camera.js";
import { banded, drawKnee, drawOverlay, placeMarks } from "./live-draw.js";
import { Sound } from "./live-sound.js";

const RETRY_MS = 1000;
const CUE_MS = 2500; // a cue stays in sight for so long
const LIMIT_DEG = 4; // where "inward" begins, docs/measurement.md
const $ = (id) => document.getElementById(id);
const [stage, video, overlay] = [$("stage"), $("video"), $("overlay")];
const panels = { left: $("knee-left"), right: $("knee-right") };
const sound = new Sound();
const camera = new Camera(video, (bytes) => ready() && (socket.send(bytes), true));
let socket = null;
let session = null; // known to the server for a while after a lost connection
let wanted = false; // the user wants the camera on
let paused = false;
let cue = { text: "", until: 0 };

const ready = () => socket !== null && socket.readyState === WebSocket.OPEN && session !== null;
const order = (words) => ready() && socket.send(JSON.stringify(words));
const show = (id, text) => {
  if ($(id).textContent !== (text || "")) $(id).textContent = text || "";
  $(id).hidden = !text;
};

const wishes = () => {
  const words = { feedback: $("feedback").value, record: false };
  for (const [name, value] of new FormData($("wishes"))) {
    if (name === "record") words.record = true;
    else if (value) words[name] = name === "height" ? Number(value) : value;
  }
  return words;
};

const connect = (extra = {}) => {
  const mine = new WebSocket(location.origin.replace(/^http/, "ws") + "/live/socket");
  socket = mine;
  mine.onopen = () => mine.send(JSON.stringify({ ...wishes(), ...(session ? { known: session } : {}), ...extra }));
  mine.onmessage = (event) => {
    const words = JSON.parse(event.data);
    if (socket === mine) HEARD[words.type]?.(words);
  };
  mine.onclose = () => {
    if (socket !== mine) return;
    socket = null;
    if (!wanted) return;
    show("instruction", "The connection to knee-track is lost; trying again …");
    setTimeout(() => wanted && !socket && connect(), RETRY_MS);
  };
};

const drawReps = (reps) => {
  const rows = reps.map((rep) => [rep.number, ...["left", "right"].map((side) => rep.legs[side])]);
  const key = JSON.stringify(rows);
  const body = $("reps").tBodies[0];
  if (body.dataset.key === key) return;
  body.dataset.key = key;
  $("reps-section").hidden = !reps.length;
  body.replaceChildren(...rows.reverse().map(([number, ...legs]) => {
    const row = document.createElement("tr");
    row.insertCell().textContent = number;
    for (const leg of legs) {
      const cell = row.insertCell();
      cell.textContent = leg ? banded(leg.deg, leg.band) : "…";
      if (leg && leg.grade !== "none") {
        const badge = document.createElement("span");
        badge.className = "badge grade-" + leg.grade;
        badge.textContent = leg.grade === "unknown" ? "not measured" : leg.grade;
        cell.append(" ", badge);
      }
    }
    return row;
  }));
};

const drawState = (state) => {
  if (!wanted) return; // still on its way when the camera was stopped
  camera.answered(state.number);
  stage.dataset.state = state.stage;
  const still = state.stage === "standing" && state.standing_s > 0.3 ? " " + "●".repeat(Math.round(2 * state.standing_s)) : "";
  const said = performance.now() < cue.until ? cue.text : "\u00a0";
  show("instruction", state.instruction ? state.instruction + still : said);
  for (const side of ["left", "right"]) drawKnee(panels[side], state.legs[side], state.phase !== null);
  drawOverlay(overlay, video, state);
  $("count").textContent = state.count;
  $("count-word").textContent = state.count === 1 ? "rep" : "reps";
  $("facts").textContent = state.fps.toFixed(0) + " pictures per second, " + state.late_ms + " ms late, quality " + state.quality;
  drawReps(state.reps);
};

const known = new Set();

// A set that is being saved, or was.
const addSet = (job, whenDone) => {
  if (known.has(job.id)) return;
  known.add(job.id);
  follow(card(job.name), job, whenDone);
};

const catchUp = async () => {
  for (const job of await (await fetch("/api/jobs")).json()) if (job.live) addSet(job);
};

const HEARD = {
  state: drawState,
  answer: (words) => camera.answered(words.number),
  welcome: (words) => {
    session = words.session;
    camera.forget();
    show("problem", "");
    $("busy").hidden = true;
    order({ type: "pause", on: paused });
    catchUp();
  },
  ready: () => wanted && show("instruction", "Looking for you …"),
  cue: (words) => {
    sound.cue(words.leg, words.text);
    cue = { text: words.text, until: performance.now() + CUE_MS };
  },
  status: (words) => show("notice", words.kind === "back" ? "" : words.text),
  no_set: (words) => show("notice", words.text),
  set: (words) => {
    show("notice", "");
    addSet(words.job, showReport);
  },
  failed: (words) => {
    stop();
    show("problem", words.text);
  },
  busy: (words) => {
    stop();
    $("busy-text").textContent = "The camera session is in use by " + words.who + ".";
    $("busy").hidden = false;
  },
  taken: (words) => {
    stop();
    show("problem", "The camera session was taken over by " + words.who + "; what was measured here is saved under Results.");
  },
};

const explain = (error) =>
  ({
    NotAllowedError: "The browser was not allowed to use the camera; allow it in the address bar and start again.",
    NotFoundError: "There is no camera; plug one in and start again.",
    NotReadableError: "The camera is in use by another program; close that and start again.",
    OverconstrainedError: "This camera is not there any more; choose another one.",
  })[error.name] || "The camera cannot be used (" + error.message + ").";

const listCameras = async () => {
  const chosen = $("cameras").value;
  const found = (await navigator.mediaDevices.enumerateDevices()).filter((device) => device.kind === "videoinput" && device.deviceId);
  $("cameras").replaceChildren(new Option("the usual one", ""), ...found.map((device) => new Option(device.label || "camera", device.deviceId)));
  $("cameras").value = chosen;
};

const buttons = () => {
  for (const id of ["pause", "finish"]) $(id).disabled = !wanted;
  for (const field of $("wishes").elements) field.disabled = wanted;
  $("start").textContent = wanted ? "Stop the camera" : "Start the camera";
  $("start").classList.toggle("main", !wanted);
  $("pause").firstChild.data = paused ? "Go on " : "Pause ";
};

const start = async (extra = {}) => {
  sound.unlock();
  show("problem", "");
  show("notice", "");
  $("busy").hidden = true;
  show("instruction", "Starting the camera …");
  try {
    await camera.start($("cameras").value);
  } catch (error) {
    show("instruction", "");
    show("problem", explain(error));
    return;
  }
  wanted = true;
  paused = false;
  buttons();
  connect(extra);
  listCameras();
};

const stop = () => {
  order({ type: "bye" });
  wanted = false;
  session = null;
  camera.stop();
  drawOverlay(overlay, video, null);
  const old = socket;
  if (old) setTimeout(() => old.close(), 30000); // sets that are being saved are still told
  for (const side of ["left", "right"]) drawKnee(panels[side], { grade: "unknown", deg: null, band: null });
  stage.dataset.state = "off";
  show("instruction", "The camera is off.");
  buttons();
};

const toggle = (id, act) => () => {
  const on = $(id).getAttribute("aria-pressed") !== "true";
  $(id).setAttribute("aria-pressed", on);
  act(on);
};

const ACTIONS = {
  start: () => (wanted ? stop() : start()),
  pause: () => {
    paused = !paused;
    order({ type: "pause", on: paused });
    buttons();
  },
  finish: () => {
    order({ type: "finish" });
    show("notice", "Finishing the set …");
  },
  mirror: toggle("mirror", (on) => stage.classList.toggle("mirrored", on)),
  sound: toggle("sound", (on) => (sound.tones = on)),
  speech: toggle("speech", (on) => (sound.speech = on)),
  "take-over": () => start({ take_over: true }),
};
const KEYS = { " ": "pause", f: "finish", m: "mirror", s: "sound", v: "speech" };

for (const [id, act] of Object.entries(ACTIONS)) $(id).addEventListener("click", act);
$("feedback").addEventListener("change", () => order({ type: "feedback", mode: $("feedback").value }));
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, select, textarea, summary") || (event.key === " " && event.target.closest("button, a"));
  const id = KEYS[event.key.toLowerCase()];
  if (typing || !id || event.ctrlKey || event.metaKey || event.altKey || $(id).disabled) return;
  event.preventDefault();
  $(id).click();
});

camera.onended = () => {
  stop();
  show("problem", "The camera went away; plug it in and start again. What was measured is saved.");
};
catchUp();
for (const panel of Object.values(panels)) placeMarks(panel, LIMIT_DEG);
if (!window.isSecureContext || !navigator.mediaDevices) {
  $("insecure").hidden = false;
  $("start").disabled = true;
}
