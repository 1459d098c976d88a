import { foldLetters } from '../../../addressing';

/** The words of a name, an address or a query: letters folded (ä å -> a, ö -> o, case), runs of letters and digits. */
export const wordsOf = (text: string): string[] => foldLetters(text).match(/[\p{L}\p{N}]+/gu) ?? [];
