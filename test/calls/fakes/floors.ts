import type { ConferenceFloors, FloorSeat } from '../../../src/calls/floor';

/** A seat in memory that notes what it was told; it has floor control for whoever offers some. */
export class FakeSeat implements FloorSeat {
  told: string[] = [];

  constructor(readonly conference: string) {}

  async describe(offer?: string): Promise<string | undefined> {
    if (offer !== undefined && !/^m=application [1-9]/m.test(offer)) return undefined;
    return 'v=0\r\ns=-\r\nt=0 0\r\nm=video 9 RTP/AVP 97\r\na=content:slides\r\nm=application 6000 UDP/BFCP *\r\na=floorctrl:s-only\r\n';
  }
  agree(_offer: string, answer: string): void { this.told.push(/^m=application [1-9]/m.test(answer) ? 'agreed' : 'agreed without'); }
  admit(): void { this.told.push('admitted'); }
  giveBack(): void { this.told.push('gave back'); }
  close(): void { if (this.told.at(-1) !== 'closed') this.told.push('closed'); }
}

export class FakeFloors implements ConferenceFloors {
  readonly seats: FakeSeat[] = [];

  seat(conference: string): FakeSeat {
    const seat = new FakeSeat(conference);
    this.seats.push(seat);
    return seat;
  }
}
