import { murmur2, positiveHash } from '../base/index.ts'
import type { Random } from '../host/index.ts'

/** How large values are. */
export type RecordSizes =
  | { readonly kind: 'fixed'; readonly bytes: number }
  | { readonly kind: 'uniform'; readonly least: number; readonly most: number }
  /** Some sizes, each as often as its weight says. */
  | { readonly kind: 'weighted'; readonly sizes: readonly { readonly bytes: number; readonly weight: number }[] }

const SIZE_MAX = 1 << 30
const POOL_BYTES = 256 * 1024
/** A capital letter for each byte. */
const LETTERS = Uint8Array.from({ length: 256 }, (_, byte) => 65 + (byte % 26))

/** `1024`, `100-2000`, `100:80,10000:20`; undefined: none of these. */
export function parseRecordSizes(text: string): RecordSizes | undefined {
  if (/^\d+$/.test(text)) return isSize(Number(text)) ? { kind: 'fixed', bytes: Number(text) } : undefined
  const range = /^(\d+)-(\d+)$/.exec(text)
  if (range !== null) {
    const [least, most] = [Number(range[1]), Number(range[2])]
    return least <= most && isSize(most) ? { kind: 'uniform', least, most } : undefined
  }
  const sizes = text.split(',').map((part) => /^(\d+):(\d+)$/.exec(part))
  if (!sizes.every((each) => each !== null && isSize(Number(each[1])) && Number(each[2]) > 0)) return undefined
  return { kind: 'weighted', sizes: sizes.map((each) => ({ bytes: Number(each![1]), weight: Number(each![2]) })) }
}

const isSize = (bytes: number): boolean => bytes <= SIZE_MAX

/** What values are made of: letters as Kafka's own tool writes them, bytes that nothing packs, or zeros. */
export const payloadKinds = ['letters', 'random', 'zeros'] as const
export type PayloadKind = (typeof payloadKinds)[number]

export interface RecordContent {
  readonly sizes: RecordSizes
  readonly kind: PayloadKind
  /** Values to choose from instead: of a file. */
  readonly values?: readonly Buffer[]
  /** So many different keys; 0: records have none. */
  readonly keys: number
}

export interface MadeRecord {
  readonly key: Buffer | null
  readonly value: Buffer
}

/** Makes records: the same ones from the same randomness. */
export class RecordSource {
  readonly #content: RecordContent
  readonly #random: Random

  constructor(content: RecordContent, random: Random) {
    this.#content = content
    this.#random = random
  }

  /** A record for a partition of so many; with keys, of those that Kafka's partitioner takes there: undefined when there are none. */
  next(partition: number, partitionCount: number): MadeRecord | undefined {
    if (this.#content.keys === 0) return { key: null, value: this.#value() }
    const own = this.#keysOf(partition, partitionCount)
    return own.length === 0 ? undefined : { key: own[this.#random.below(own.length)]!, value: this.#value() }
  }

  readonly #byPartition = new Map<number, Buffer[][]>()

  /** Of all keys, those of one partition. */
  #keysOf(partition: number, partitionCount: number): readonly Buffer[] {
    let lists = this.#byPartition.get(partitionCount)
    if (lists === undefined) {
      lists = Array.from({ length: partitionCount }, () => [])
      for (let index = 0; index < this.#content.keys; index++) {
        const key = Buffer.from(`key-${index}`)
        lists[positiveHash(murmur2(key)) % partitionCount]!.push(key)
      }
      this.#byPartition.set(partitionCount, lists)
    }
    return lists[partition]!
  }

  /** How large a part of all records goes to each partition. */
  shares(partitionCount: number): number[] {
    const { keys } = this.#content
    return Array.from({ length: partitionCount }, (_, partition) =>
      keys === 0 ? 1 / partitionCount : this.#keysOf(partition, partitionCount).length / keys,
    )
  }

  #value(): Buffer {
    const { values, kind } = this.#content
    if (values !== undefined) return values[this.#random.below(values.length)]!
    const bytes = this.#size()
    return kind === 'zeros' ? Buffer.alloc(bytes) : this.#fresh(bytes)
  }

  #pool: Buffer = Buffer.alloc(0)
  #poolAt = 0

  /** So many bytes that no other value has, made in large pieces. */
  #fresh(bytes: number): Buffer {
    if (this.#poolAt + bytes > this.#pool.length) {
      const made = this.#random.bytes(Math.max(POOL_BYTES, bytes))
      this.#pool = Buffer.from(made.buffer, made.byteOffset, made.length)
      this.#poolAt = 0
      const pool = this.#pool
      if (this.#content.kind === 'letters') for (let at = 0; at < pool.length; at++) pool[at] = LETTERS[pool[at]!]!
    }
    this.#poolAt += bytes
    return this.#pool.subarray(this.#poolAt - bytes, this.#poolAt)
  }

  #size(): number {
    const { sizes } = this.#content
    switch (sizes.kind) {
      case 'fixed':
        return sizes.bytes
      case 'uniform':
        return sizes.least + this.#random.below(sizes.most - sizes.least + 1)
      case 'weighted': {
        let draw = this.#random.below(sizes.sizes.reduce((sum, { weight }) => sum + weight, 0))
        for (const { bytes, weight } of sizes.sizes) if ((draw -= weight) < 0) return bytes
        return sizes.sizes[0]!.bytes
      }
    }
  }
}
