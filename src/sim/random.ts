import { assert } from '../base/index.ts'
import type { Random } from '../host/index.ts'

/** xoshiro128**: 32 bits a step from a seed; the same seed gives the same world. */
export class SeededRandom implements Random {
  #a: number
  #b: number
  #c: number
  #d: number

  constructor(seed: number) {
    // splitmix32 spreads a small seed over the state, which must not be all zero.
    let state = seed | 0
    const next = (): number => {
      state = (state + 0x9e3779b9) | 0
      let word = state ^ (state >>> 16)
      word = Math.imul(word, 0x21f0aaad)
      word ^= word >>> 15
      word = Math.imul(word, 0x735a2d97)
      return word ^ (word >>> 15)
    }
    this.#a = next()
    this.#b = next()
    this.#c = next()
    this.#d = next() | 1
  }

  /** A source of its own, so that one user's draws do not shift another's. */
  fork(): SeededRandom {
    return new SeededRandom(this.#word())
  }

  bytes(count: number): Uint8Array {
    const bytes = Buffer.alloc(count)
    for (let at = 0; at < count; at++) bytes[at] = this.#word() >>> 24
    return bytes
  }

  below(below: number): number {
    assert(below >= 1 && below <= 2 ** 32, 'below is in [1, 2^32]')
    return Math.floor((this.#word() / 2 ** 32) * below)
  }

  fraction(): number {
    return ((this.#word() >>> 5) * 2 ** 26 + (this.#word() >>> 6)) / 2 ** 53
  }

  #word(): number {
    const scrambled = Math.imul(this.#b, 5)
    const word = Math.imul((scrambled << 7) | (scrambled >>> 25), 9)
    const shifted = this.#b << 9
    this.#c ^= this.#a
    this.#d ^= this.#b
    this.#b ^= this.#c
    this.#a ^= this.#d
    this.#c ^= shifted
    this.#d = (this.#d << 11) | (this.#d >>> 21)
    return word >>> 0
  }
}
