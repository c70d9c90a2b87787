/** Raised hands in the order in which they went up, which the server makes the same for all. */
export interface Hand {
  id: string;
  name: string;
  /** The smaller number was first. */
  at: number;
}

export function handQueue(people: readonly { id: string; name: string; at: number | null }[]): Hand[] {
  return people
    .flatMap(({ id, name, at }) => (at === null ? [] : [{ id, name, at }]))
    .sort((one, other) => one.at - other.at);
}
