export interface Random {
  /** `count` fresh bytes. The real host gives cryptographic quality. */
  bytes(count: number): Uint8Array
  /** A whole number in [0, below); `below` is at most 2^32. */
  below(below: number): number
  /** A fraction in [0, 1). */
  fraction(): number
}
