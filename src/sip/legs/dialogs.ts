/** What identifies a dialog: the tags as one side of it sees them (RFC 3261 section 12). */
export interface DialogIdentifiers {
  callId: string;
  localTag: string;
  remoteTag: string;
}

/** A dialog that a `Replaces` names, to-tag and from-tag being ours and the other side's (RFC 3891 section 3). */
export interface Replaced extends DialogIdentifiers {
  /** Only a dialog that is not answered yet. */
  earlyOnly: boolean;
}

/** How many ended dialogs are remembered. */
const MAX_ENDED = 1_000;

/** The value of a `Replaces` header field; undefined for what is none. */
export function parseReplaces(value: string): Replaced | undefined {
  const [callId = '', ...parts] = value.slice(0, 1_000).split(';').map((part) => part.trim());
  const parameters = new Map(parts.map((part) => {
    const [name = '', given = ''] = part.split('=');
    return [name.trim().toLowerCase(), given.trim()];
  }));
  const [localTag, remoteTag] = [parameters.get('to-tag'), parameters.get('from-tag')];
  return callId === '' || !localTag || !remoteTag ? undefined : { callId, localTag, remoteTag, earlyOnly: parameters.has('early-only') };
}

/** The dialog that a Refer-To asks to be replaced, by a header of its URI (RFC 3891 section 7). */
export function replacedIn(referTo: string): Replaced | undefined {
  const escaped = /[?&]Replaces=([^&>\s]{1,1000})/i.exec(referTo.slice(0, 2_000))?.[1];
  try {
    return escaped === undefined ? undefined : parseReplaces(decodeURIComponent(escaped));
  } catch {
    return undefined;
  }
}

/** The dialogs of this gateway's answered calls, for those that name one to be replaced. The calls are bounded, and so are these. */
export class Dialogs {
  private readonly legs = new Map<string, string>();
  private readonly ended = new Set<string>();

  add(dialog: DialogIdentifiers, leg: string): void {
    this.legs.set(keyOf(dialog), leg);
  }

  end(dialog: DialogIdentifiers): void {
    const key = keyOf(dialog);
    if (!this.legs.delete(key)) return;
    this.ended.add(key);
    const [oldest] = this.ended;
    if (this.ended.size > MAX_ENDED && oldest !== undefined) this.ended.delete(oldest);
  }

  /** The leg of that dialog. */
  legOf(dialog: DialogIdentifiers): string | undefined {
    return this.legs.get(keyOf(dialog));
  }

  /** Whether it is among those that ended lately. */
  hasEnded(dialog: DialogIdentifiers): boolean {
    return this.ended.has(keyOf(dialog));
  }
}

const keyOf = ({ callId, localTag, remoteTag }: DialogIdentifiers): string => JSON.stringify([callId, localTag, remoteTag]);
