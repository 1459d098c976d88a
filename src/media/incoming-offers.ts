import { randomUUID } from 'node:crypto';
import { noCapacity, serverFault } from './media-error';
import type { SipAnswer, SipRequest, SipStack } from './sip-stack';

const INVITE_MS = 5_000;
/** What `originate` says where there is no room, though the pool thought so. */
const CONGESTION = 'SWITCH_CONGESTION';

/** INVITEs that media servers were told to send us, recognised by a name that nobody else can know. */
export class IncomingOffers {
  private readonly expected = new Map<string, (request: SipRequest, answer: SipAnswer) => void>();

  /** Before any other handler of INVITEs: to those a media server is a stranger. */
  constructor(stack: SipStack) {
    stack.use('invite', (request, answer, next) => {
      const take = this.expected.get(/^sips?:([0-9a-f]{32})@/.exec(request.uri)?.[1] ?? '');
      if (take) take(request, answer);
      else next();
    });
  }

  /** The user part that the server is to call, and what comes of it. `withdraw` when it is known that nothing will. */
  expect(): { user: string; arrived: Promise<{ request: SipRequest; answer: SipAnswer }>; withdraw: (problem: string) => void } {
    const user = randomUUID().replaceAll('-', '');
    let withdraw: (problem: string) => void = () => undefined;
    const arrived = new Promise<{ request: SipRequest; answer: SipAnswer }>((resolve, reject) => {
      withdraw = (problem) => {
        this.expected.delete(user);
        clearTimeout(timer);
        reject(problem.endsWith(CONGESTION) ? noCapacity() : serverFault('the media server makes no offer', problem));
      };
      const timer = setTimeout(withdraw, INVITE_MS, 'its INVITE does not arrive');
      this.expected.set(user, (request, answer) => {
        this.expected.delete(user);
        clearTimeout(timer);
        resolve({ request, answer });
      });
    });
    return { user, arrived, withdraw };
  }
}
