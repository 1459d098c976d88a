import type { LocalizedText } from '../model';

/** Text in the reader's language, else in Finnish, Swedish, English, else in any. */
export const textIn = (text: LocalizedText, language: string): string =>
  text[language] ?? text.fi ?? text.sv ?? text.en ?? Object.values(text).find((one) => one !== undefined) ?? '';
