import type { SipMessage } from '../message';
import type { Application } from './application';
import type { Dialog } from './dialog';

/** Every dialog, by the id that applications use and by Call-ID and tags as messages carry them. */
export class DialogTable {
  private readonly byId = new Map<string, Dialog>();
  private readonly byTags = new Map<string, Dialog>();
  /** Those whose application has disconnected, the oldest first. */
  private readonly orphans = new Set<Dialog>();

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
    this.orphans.delete(dialog);
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

  /** An application has disconnected; its dialogs stay, but are the first to give way. */
  orphan(application: Application): void {
    for (const dialog of this.byId.values()) if (dialog.application === application) this.orphans.add(dialog);
  }

  /** The oldest dialog that has no application any more. */
  oldestOrphan(): Dialog | undefined {
    for (const dialog of this.orphans) {
      if (!dialog.application.connected) return dialog;
      this.orphans.delete(dialog); // Another application goes on with it.
    }
    return undefined;
  }

  /** Oldest first. */
  values(): IterableIterator<Dialog> {
    return this.byId.values();
  }
}

const tagKey = (callId: string, localTag: string, remoteTag: string): string => `${callId}|${localTag}|${remoteTag}`;
