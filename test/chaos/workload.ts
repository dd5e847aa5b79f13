import type { Host } from '../../src/host/index.ts'
import type { ChaosTopic } from './chaos-cluster.ts'
import type { Dice } from './dice.ts'
import type { Operation } from './operation.ts'

/** What the process of the clients is told when it starts. */
export interface WorkloadOptions {
  readonly bootstrap: string
  readonly historyFile: string
  readonly topics: readonly ChaosTopic[]
  readonly seed: number
  /** When the run began, as performance.timeOrigin + performance.now(): times are counted from here in both processes. */
  readonly originMs: number
  /** Records a second, of all producers together. */
  readonly rate: number
  readonly producers: number
  readonly readers: number
  /** Members by group: the first eager, the next cooperative, and so on. */
  readonly groups: readonly number[]
  readonly acks: 'all' | '1'
  /** Clients are thrown away and begin anew after this long, more or less. */
  readonly lifeMs: number
}

export interface WorkloadCounts {
  readonly acknowledged: number
  readonly unknown: number
  readonly polls: number
  readonly reads: number
  readonly commits: number
  readonly rebalances: number
}

/** What clients have in common: who they are, where they write down what they do, and chance. */
export interface ClientGround {
  readonly options: WorkloadOptions
  readonly host: Host
  readonly dice: Dice
  readonly isStopped: () => boolean
  record(operation: Operation): void
  nowMs(): number
  /** A process number that nobody had. */
  newProcess(): number
  /** Highest offset acknowledged, by key; -1: none. */
  readonly ackedTo: Int32Array
  /** An error that is no part of the game. */
  complain(error: unknown): void
}

/** Keys number the partitions of all topics. */
export const keyCount = (topics: readonly ChaosTopic[]): number => topics.reduce((sum, { partitionCount }) => sum + partitionCount, 0)

export const keyOf = (topics: readonly ChaosTopic[], topic: string, partition: number): number => {
  let first = 0
  for (const { name, partitionCount } of topics) {
    if (name === topic) return first + partition
    first += partitionCount
  }
  throw new Error(`no topic ${topic}`)
}

export const partitionOf = (topics: readonly ChaosTopic[], key: number): { topic: string; partition: number } => {
  let partition = key
  for (const { name, partitionCount } of topics) {
    if (partition < partitionCount) return { topic: name, partition }
    partition -= partitionCount
  }
  throw new Error(`no key ${key}`)
}

const PADDING_MAX = 200

/** A value says where it belongs and which it is; its length differs from others'. */
export const encodeValue = (key: number, value: number): Buffer => {
  const bytes = Buffer.alloc(8 + ((value * 31) % PADDING_MAX), value & 0xff)
  bytes.writeInt32BE(key, 0)
  bytes.writeInt32BE(value, 4)
  return bytes
}

/** -1: not a value of this key. */
export const decodeValue = (key: number, bytes: Buffer | null): number => {
  if (bytes === null || bytes.length < 8 || bytes.readInt32BE(0) !== key) return -1
  const value = bytes.readInt32BE(4)
  return value >= 0 && bytes.length === 8 + ((value * 31) % PADDING_MAX) ? value : -1
}

/** Short waits, so that what fails is seen and tried elsewhere while it still matters. */
export const connecting = (bootstrap: string) => ({
  'bootstrap.servers': bootstrap,
  'request.timeout.ms': 4000,
  'socket.connection.setup.timeout.ms': 1500,
  'socket.connection.setup.timeout.max.ms': 3000,
  'reconnect.backoff.ms': 20,
  'reconnect.backoff.max.ms': 500,
  'retry.backoff.ms': 50,
  'retry.backoff.max.ms': 500,
  'metadata.max.age.ms': 10_000,
})
