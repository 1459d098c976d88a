/**
 * What calls/ needs of floor control in conferences (RFC 8855): between the two parties of a call the floor is controlled by themselves,
 * in a meeting room by the room. bfcp/ gives it.
 */
export interface ConferenceFloors {
  /** A member's seat at the floor of the conference of that name; the floor is there as long as somebody has one. */
  seat(conference: string): FloorSeat;
}

/** One member's part in the floor of its conference. */
export interface FloorSeat {
  /**
   * The conference's description as if it were a party with slides and their floor control: in answer to a member's offer, or as an offer to
   * it. Undefined where there is none that fits.
   */
  describe(offer?: string): Promise<string | undefined>;
  /** Takes the descriptions that hold from now on; `side` is the conference's. */
  agree(offer: string, answer: string, side: 'offerer' | 'answerer'): void;
  /** The member is in the conference: it may have the floor from now on, and is told who has it. */
  admit(): void;
  /** Takes the floor from the member, if it has it. */
  giveBack(): void;
  /** The member has left, and what it had is free. Safe to call twice. */
  close(): void;
}
