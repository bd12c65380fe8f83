// The camera: its pictures go to the server as JPEG, the newest only, never more than two unanswered.
const LONG_SIDE = 960;
const QUALITY = 0.8;
const UNANSWERED = 2;
const PATIENCE_MS = 2000; // an answer that takes longer is not waited for

export class Camera {
  // video: the element that shows it; send(bytes): returns false when it cannot be sent now.
  constructor(video, send) {
    this.video = video;
    this.send = send;
    this.canvas = document.createElement("canvas");
    this.number = 0;
    this.waiting = new Map();
    this.busy = false;
    this.stream = null;
  }

  async start(deviceId) {
    this.stop();
    // A picture as the camera makes it: scaled to a wanted shape, some browsers cut off heads and feet.
    const wanted = { width: { ideal: 1280 }, frameRate: { ideal: 30 }, resizeMode: "none" };
    if (deviceId) wanted.deviceId = { exact: deviceId };
    this.stream = await navigator.mediaDevices.getUserMedia({ video: wanted, audio: false });
    this.stream.getVideoTracks()[0].addEventListener("ended", () => this.onended && this.onended());
    this.video.srcObject = this.stream;
    await this.video.play();
    this.next(this.stream);
  }

  stop() {
    for (const track of this.stream ? this.stream.getTracks() : []) track.stop();
    this.stream = null;
    this.video.srcObject = null;
  }

  // A new connection: what was on its way is lost.
  forget() {
    this.waiting.clear();
    this.number = 0;
  }

  answered(number) {
    for (const one of this.waiting.keys()) if (one <= number) this.waiting.delete(one);
  }

  next(stream) {
    const again = (now, facts) => {
      if (this.stream !== stream) return;
      this.take(facts ? facts.captureTime || now : now);
      this.next(stream);
    };
    if (this.video.requestVideoFrameCallback) this.video.requestVideoFrameCallback(again);
    else setTimeout(() => again(performance.now()), 33);
  }

  take(capturedMs) {
    const now = performance.now();
    for (const [number, sentMs] of this.waiting) if (now - sentMs > PATIENCE_MS) this.waiting.delete(number);
    if (this.busy || this.waiting.size >= UNANSWERED || !this.video.videoWidth) return;
    const { videoWidth: width, videoHeight: height } = this.video;
    const scale = Math.min(1, LONG_SIDE / Math.max(width, height));
    this.canvas.width = Math.round(width * scale);
    this.canvas.height = Math.round(height * scale);
    this.canvas.getContext("2d", { alpha: false }).drawImage(this.video, 0, 0, this.canvas.width, this.canvas.height);
    this.busy = true;
    this.canvas.toBlob((blob) => this.ship(blob, capturedMs), "image/jpeg", QUALITY);
  }

  async ship(blob, capturedMs) {
    try {
      if (!blob || !this.stream) return;
      const bytes = new Uint8Array(12 + blob.size);
      const head = new DataView(bytes.buffer);
      head.setFloat64(0, capturedMs, true);
      head.setUint32(8, this.number, true);
      bytes.set(new Uint8Array(await blob.arrayBuffer()), 12);
      if (this.send(bytes)) this.waiting.set(this.number++, performance.now());
    } finally {
      this.busy = false;
    }
  }
}
