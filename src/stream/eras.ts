/** Mappings that retransmissions can still be written with; a power of two. */
export const ERAS = 8;
