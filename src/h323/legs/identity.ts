import type { Party } from '../../calls';
import { aliasText } from '../ras';
import type { h225 } from '../schemas';
import type { IncomingSetup } from '../signalling';

const DIGITS = /^[0-9*#,]{1,128}$/;
/** A name of H.225.0: BMPString of 1 to 256 characters. */
const MAX_NAME = 256;

/** What the caller dialled: a name before a number, because a name says more. */
export function dialledIn({ dialled: { aliases, number } }: IncomingSetup): string {
  const texts = aliases.map(aliasText).filter((text) => text !== undefined);
  return texts.find((text) => text.includes('@')) ?? texts[0] ?? number ?? '';
}

/** Who calls, for one that no registration names. */
export function callerIn({ source: { aliases, number, display } }: IncomingSetup, host: string): Party {
  const texts = aliases.map(aliasText).filter((text) => text !== undefined);
  const address = texts.find((text) => text.includes('@')) ?? texts[0] ?? number?.digits;
  const name = display?.trim();
  return { address: address === undefined ? host : address.includes('@') ? address : `${address}@${host}`, ...(name && { name }) };
}

/** An address of ours as H.323 endpoints know it: its name, and its number where it is one. */
export function aliasesOf(address: string): h225.AliasAddress[] {
  const [user = ''] = address.split('@');
  return [{ 'h323-ID': address.slice(0, MAX_NAME) }, ...(DIGITS.test(user) ? [{ dialledDigits: user }] : [])];
}

/** The number among aliases. */
export const numberOf = (aliases: readonly h225.AliasAddress[]): string | undefined =>
  aliases.map((alias) => ('dialledDigits' in alias ? alias.dialledDigits : undefined)).find((digits) => digits !== undefined);
