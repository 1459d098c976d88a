/**
 * Counts the new requests that no application has answered yet, in all and by where they come from: an application may
 * leave a hostile sender without an answer, and that sender must not take the place of everybody else.
 */
export class Unanswered {
  private readonly bySource = new Map<string, number>();
  private count = 0;

  get total(): number {
    return this.count;
  }

  from(address: string): number {
    return this.bySource.get(sourceOf(address)) ?? 0;
  }

  add(address: string): void {
    this.count++;
    const source = sourceOf(address);
    this.bySource.set(source, (this.bySource.get(source) ?? 0) + 1);
  }

  remove(address: string): void {
    this.count--;
    const source = sourceOf(address);
    const left = (this.bySource.get(source) ?? 1) - 1;
    if (left > 0) this.bySource.set(source, left);
    else this.bySource.delete(source);
  }
}

/** An IPv4 address, or the first half of an IPv6 one: what one sender has for itself (RFC 6177). */
function sourceOf(address: string): string {
  if (!address.includes(':') || address.includes('.')) return address;
  const [before = '', after] = address.split('::');
  const head = before === '' ? [] : before.split(':');
  const tail = after === undefined || after === '' ? 0 : after.split(':').length;
  const zeros = after === undefined ? 0 : 8 - head.length - tail;
  return [...head, ...Array<string>(zeros).fill('0'), ...(after ?? '').split(':')].slice(0, 4).join(':');
}
