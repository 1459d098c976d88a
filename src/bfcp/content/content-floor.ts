/**
 * The right to show content (a second video stream) to one party and its wish to show some, whatever protocol it speaks of that:
 * BFCP, or H.239's token. What is asked of the party is a method, what it asks is an event.
 */
export interface ContentFloor {
  attach(events: ContentFloorEvents): void;
  /** Another party would like to show content to this one, and takes the floor from it where it has it. Answered by `granted` or `refused`. */
  request(): void;
  /** The other party's content ends, or its wish. */
  release(): void;
  /** Answers `requested`: this party may show content. */
  grant(): void;
  /** Answers `requested`: it may not. */
  refuse(): void;
  /** This party has to stop showing content. */
  revoke(): void;
}

export interface ContentFloorEvents {
  /** The party would like to show content; `grant` or `refuse` answers, any time later. */
  requested(): void;
  /** It shows no more, or has given up its wish. */
  released(): void;
  granted(): void;
  refused(): void;
  /** The other party has to stop: this one, or its server, has taken the floor. */
  revoked(): void;
}

/**
 * Joins the floors of two parties of a call: what one asks, the other is asked; one shows at a time. `changed` tells who may
 * show content now.
 */
export function joinFloors(one: ContentFloor, other: ContentFloor, changed: (holder: ContentFloor | undefined) => void = () => undefined): void {
  let holder: ContentFloor | undefined;
  let asking: ContentFloor | undefined;
  const hold = (next: ContentFloor | undefined): void => {
    if (holder === next) return;
    holder = next;
    changed(holder);
  };
  const join = (mine: ContentFloor, theirs: ContentFloor): void => mine.attach({
    requested: () => {
      // Both at once: the first to ask is served.
      if (asking === theirs) return mine.refuse();
      asking = mine;
      theirs.request();
    },
    released: () => {
      const had = asking === mine || holder === mine;
      if (asking === mine) asking = undefined;
      if (holder === mine) hold(undefined);
      if (had) theirs.release();
    },
    granted: () => {
      if (asking !== theirs) return mine.release();
      asking = undefined;
      // First, so that what `mine` loses by it is no longer the other's.
      hold(theirs);
      theirs.grant();
    },
    refused: () => {
      if (asking !== theirs) return;
      asking = undefined;
      theirs.refuse();
    },
    revoked: () => {
      if (asking === theirs) {
        asking = undefined;
        theirs.refuse();
      }
      if (holder !== theirs) return;
      hold(undefined);
      theirs.revoke();
    },
  });
  join(one, other);
  join(other, one);
}
