const TONE_HZ = 425;
const PERIOD_MS = 3_000;
const TONE_SECONDS = 1;

/** Rings until the returned function is called. Browsers allow it after the click that logged in. */
export function ring(): () => void {
  const context = new AudioContext();
  const gain = context.createGain();
  gain.gain.value = 0.2;
  gain.connect(context.destination);
  const sound = (): void => {
    const tone = context.createOscillator();
    tone.frequency.value = TONE_HZ;
    tone.connect(gain);
    tone.start();
    tone.stop(context.currentTime + TONE_SECONDS);
  };
  sound();
  const timer = window.setInterval(sound, PERIOD_MS);
  return () => {
    window.clearInterval(timer);
    void context.close();
  };
}
