'use strict';
// Makes the sound file and the still picture of every prompt in every language from dialplans/prompts/texts.yaml:
//   node scripts/prompts.js [--texts FILE] [--out DIR] [PROMPT ...]
// Sound: espeak-ng, trimmed, at one loudness, 16 kHz mono 16-bit WAV. Picture: ffmpeg, one H.264 key frame (Annex B, constrained
// baseline, level 3.0, 640x360) in slices that fit one packet each. Equal versions of these programs give equal files.
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { parseArgs } = require('node:util');
const YAML = require('yaml');
const { ROOT, installFromDebian } = require('./setup');

const VOICES = { fi: 'fi', sv: 'sv', en: 'en-gb' };
const WORDS_PER_MINUTE = 150;
const RATE = 16_000;
const PROGRAMS = { 'espeak-ng': 'espeak-ng', sox: 'sox', ffmpeg: 'ffmpeg', 'fc-match': 'fontconfig' };
const PICTURE = { width: 640, height: 360, lineLetters: 26, fontSize: 38, lineHeight: 56, background: '0x0b2a4a', ink: 'white' };
/** Below the packet size of every network with room for SRTP and tunnels. */
const SLICE_BYTES = 1_150;

const run = (program, ...args) => execFileSync(program, args.map(String), { stdio: ['ignore', 'pipe', 'inherit'] });

/** The sounds that follow the words, as arguments of sox; each ends in silence, so that it can be repeated. */
const SOUNDS = {
  // 425 Hz, 1 s on and 4 s off (ITU-T E.180 supplement 2, Finland).
  ringback: (file) => run('sox', '-R', '-n', '-r', RATE, '-b', 16, '-c', 1, file, 'synth', 1, 'sine', 425, 'gain', -18, 'fade', 'h', 0.02, 1, 0.02, 'pad', 0.5, 4),
  waiting: (file, folder) => {
    // Soft plucked notes of a pentatonic scale, each fading while the next begins.
    const notes = ['D4', 'A4', 'F#4', 'B4', 'A4', 'E4', 'F#4', 'D4'].map((note, i) => {
      const part = path.join(folder, `note-${i}.wav`);
      run('sox', '-R', '-n', '-r', RATE, '-b', 16, '-c', 1, part, 'synth', 2, 'sine', note, 'synth', 2, 'triangle', 'mix', note, 'gain', -22, 'fade', 'l', 0.03, 2, 1.9, 'pad', (0.5 + i * 0.8).toFixed(2));
      return part;
    });
    run('sox', '-R', '-m', '-v', 1, ...notes.flatMap((part, i) => (i === 0 ? [part] : ['-v', 1, part])), '-b', 16, file, 'pad', 0, 0.5);
  },
};

function makeSound(text, language, then, file, folder) {
  const words = path.join(folder, 'words.wav');
  const even = path.join(folder, 'even.wav');
  run('espeak-ng', '-v', VOICES[language], '-s', WORDS_PER_MINUTE, '-g', 1, '-w', words, text);
  // Silence off both ends, high and low ends of telephony off, -4 dB at the peak, then short quiet ends.
  run('sox', '-R', words, '-r', RATE, '-b', 16, '-c', 1, even, 'silence', 1, 0.01, '0.5%', 'reverse', 'silence', 1, 0.01, '0.5%', 'reverse',
    'gain', -3, 'highpass', 90, 'norm', -4, 'pad', 0.1, 0.25);
  const parts = [even];
  if (then) {
    parts.push(path.join(folder, `${then}.wav`));
    if (!fs.existsSync(parts[1])) SOUNDS[then](parts[1], folder);
  }
  run('sox', '-R', ...parts, '-b', 16, '-t', 'wavpcm', file);
}

/** Lines of about equal length, none longer than the picture is wide. */
function wrap(text) {
  const count = Math.ceil(text.length / PICTURE.lineLetters);
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = `${lines.at(-1)} ${word}`.trim();
    if (line.length > PICTURE.lineLetters || (lines.length < count && lines.at(-1).length >= text.length / count)) lines.push(word);
    else lines[lines.length - 1] = line;
  }
  return lines;
}

function makePicture(text, font, file, folder) {
  const lines = wrap(text);
  const filters = lines.map((line, i) => {
    const textFile = path.join(folder, `line-${i}.txt`);
    fs.writeFileSync(textFile, line);
    const y = (PICTURE.height - lines.length * PICTURE.lineHeight) / 2 + i * PICTURE.lineHeight + 8;
    return `drawtext=fontfile=${font}:textfile=${textFile}:fontsize=${PICTURE.fontSize}:fontcolor=${PICTURE.ink}:x=(w-text_w)/2:y=${y}`;
  });
  run('ffmpeg', '-v', 'error', '-y', '-f', 'lavfi', '-i', `color=${PICTURE.background}:s=${PICTURE.width}x${PICTURE.height}:r=1`, '-frames:v', 1,
    '-vf', filters.join(','), '-pix_fmt', 'yuv420p', '-c:v', 'libx264', '-profile:v', 'baseline', '-level', '3.0', '-preset', 'veryslow', '-tune', 'stillimage',
    '-crf', 30, '-threads', 1, '-x264-params', `keyint=1:slice-max-size=${SLICE_BYTES}`,
    // Without the encoder's own words about itself.
    '-bsf:v', 'filter_units=remove_types=6', '-flags', '+bitexact', '-f', 'h264', file);
}

/** Font that ffmpeg draws with: Debian's DejaVu where it is, otherwise what the system takes for sans-serif. */
const fontFile = () => run('fc-match', '-f', '%{file}', 'DejaVu Sans:bold').toString();

async function main() {
  const folder = path.join(ROOT, 'dialplans/prompts');
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { texts: { type: 'string', default: path.join(folder, 'texts.yaml') }, out: { type: 'string', default: folder } },
  });
  const missing = await installFromDebian(PROGRAMS);
  if (missing.length > 0) throw new Error(`missing: ${missing.join(', ')}; on Debian: apt-get install ${missing.map((program) => PROGRAMS[program]).join(' ')} fonts-dejavu-core`);
  const texts = YAML.parse(fs.readFileSync(values.texts, 'utf8'));
  const unknown = positionals.filter((name) => !(name in texts));
  if (unknown.length > 0) throw new Error(`no such prompt in ${values.texts}: ${unknown.join(', ')}`);
  const font = fontFile();
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'etasilta-prompts-'));
  try {
    for (const prompt of positionals.length > 0 ? positionals : Object.keys(texts)) {
      for (const language of Object.keys(VOICES)) {
        const file = path.join(values.out, language, prompt);
        fs.mkdirSync(path.dirname(file), { recursive: true });
        makeSound(texts[prompt][language], language, texts[prompt].then, `${file}.wav`, scratch);
        makePicture(texts[prompt][language], font, `${file}.h264`, scratch);
        console.log(`${file}.wav ${fs.statSync(`${file}.wav`).size} bytes, .h264 ${fs.statSync(`${file}.h264`).size} bytes`);
      }
    }
  } finally {
    fs.rmSync(scratch, { recursive: true, force: true });
  }
}

main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
