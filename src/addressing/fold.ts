// Letters that Unicode does not decompose into a base letter and a mark.
const BASE: Record<string, string> = {
  ø: 'o', đ: 'd', ð: 'd', ł: 'l', ŋ: 'n', ŧ: 't', ħ: 'h', ı: 'i', ĸ: 'k', ǥ: 'g', ʒ: 'z', ʼ: '', '’': '',
  æ: 'ae', œ: 'oe', ß: 'ss', þ: 'th', '‐': '-', '‑': '-', '–': '-', '—': '-', '−': '-',
};
const BASE_LETTERS = new RegExp(`[${Object.keys(BASE).join('')}]`, 'gu');
const ASCII = /^[\0-\x7f]*$/;

/** Folds letters only: lower case, ä å -> a, ö -> o, other diacritics dropped, æ -> ae; spaces stay. Linear in the text. */
export function foldLetters(text: string): string {
  if (ASCII.test(text)) return text.toLowerCase();
  // Marks go before normalisation too: reordering a long run of them is what would take quadratic time.
  return text.replace(/\p{Mn}/gu, '').normalize('NFKD').toLowerCase().normalize('NFKD').replace(/\p{Mn}/gu, '')
    .replace(BASE_LETTERS, (letter) => BASE[letter] ?? letter);
}

/**
 * The one spelling under which names are stored and compared: letters folded as by {@link foldLetters}, blanks at the ends
 * dropped and each run of blanks inside turned into "-". Idempotent.
 */
export function fold(text: string): string {
  return foldLetters(text).trim().replace(/\s+/g, '-');
}
