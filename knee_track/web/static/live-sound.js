// A tone per knee and a spoken cue, both made on this machine.
const HZ = { left: [440], right: [660], both: [440, 660] };
const TONE_S = 0.15;

export class Sound {
  constructor() {
    this.tones = true;
    this.speech = true;
    this.context = null;
  }

  // Browsers let sound begin only where somebody has clicked.
  unlock() {
    if (!this.context && window.AudioContext) this.context = new AudioContext();
    if (this.context) this.context.resume();
    this.voices = "speechSynthesis" in window ? () => speechSynthesis.getVoices() : () => [];
    this.voices(); // the first call only makes the browser load them
  }

  cue(leg, text) {
    if (this.tones && this.context) for (const hz of HZ[leg]) this.beep(hz);
    if (this.speech) this.say(text);
  }

  beep(hz) {
    const now = this.context.currentTime;
    const [tone, loudness] = [this.context.createOscillator(), this.context.createGain()];
    tone.frequency.value = hz;
    loudness.gain.setValueAtTime(0, now);
    loudness.gain.linearRampToValueAtTime(0.35, now + 0.01);
    loudness.gain.setValueAtTime(0.35, now + TONE_S - 0.02);
    loudness.gain.linearRampToValueAtTime(0, now + TONE_S);
    tone.connect(loudness).connect(this.context.destination);
    tone.start(now);
    tone.stop(now + TONE_S);
  }

  // Only voices that speak on this machine: the others send the text away.
  get voice() {
    const local = this.voices ? this.voices().filter((voice) => voice.localService) : [];
    return local.find((voice) => voice.lang.startsWith("en") && voice.default) || local.find((voice) => voice.lang.startsWith("en"));
  }

  say(text) {
    const voice = this.voice;
    if (!voice || speechSynthesis.speaking) return; // a cue that comes late misleads
    const words = new SpeechSynthesisUtterance(text);
    words.voice = voice;
    words.lang = voice.lang;
    speechSynthesis.speak(words);
  }
}
