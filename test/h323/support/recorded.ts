import type { ControlChannel } from '../../../src/h323/contracts';
import { encode } from '../../../src/h323/per';
import { h245 } from '../../../src/h323/schemas';
import { SENT } from '../h245/support/wire';

/** Keeps what passes, both ways, for others' codecs to read. */
export function recorded(control: ControlChannel): ControlChannel {
  const note = (message: h245.MultimediaSystemControlMessage): void => {
    const octets = encode(h245.MultimediaSystemControlMessage, message);
    SENT.set(octets.toString('hex'), octets);
  };
  return {
    send: (message) => { note(message); control.send(message); },
    attach: (receiver) => control.attach({ opened: () => receiver.opened(), received: (message) => { note(message); receiver.received(message); }, closed: () => receiver.closed() }),
  };
}
