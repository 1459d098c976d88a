import type { SipMessage } from '../message';
import type { Dialog } from './dialog';

/** Every dialog, by the id that applications use and by Call-ID and tags as messages carry them. */
export class DialogTable {
  private readonly byId = new Map<string, Dialog>();
  private readonly byTags = new Map<string, Dialog>();

  constructor(private readonly limit: number) {}

  get size(): number {
    return this.byId.size;
  }

  get hasRoom(): boolean {
    return this.byId.size < this.limit;
  }

  add(dialog: Dialog): void {
    this.byId.set(dialog.id, dialog);
    this.byTags.set(tagKey(dialog.callId, dialog.localTag, dialog.remoteTag), dialog);
  }

  remove(dialog: Dialog): void {
    dialog.unacknowledged?.stop();
    dialog.unacknowledged = undefined;
    dialog.session?.timer.cancel();
    dialog.session = undefined;
    if (this.byId.get(dialog.id) === dialog) this.byId.delete(dialog.id);
    this.byTags.delete(tagKey(dialog.callId, dialog.localTag, dialog.remoteTag));
  }

  find(id: string): Dialog | undefined {
    return this.byId.get(id);
  }

  /** The dialog that a request from the network belongs to. */
  findFor(request: SipMessage): Dialog | undefined {
    return this.byTags.get(tagKey(request.callId ?? '', request.toTag ?? '', request.fromTag ?? ''));
  }

  /** Oldest first. */
  values(): IterableIterator<Dialog> {
    return this.byId.values();
  }
}

const tagKey = (callId: string, localTag: string, remoteTag: string): string => `${callId}|${localTag}|${remoteTag}`;
