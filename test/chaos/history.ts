import { closeSync, openSync, readSync, writeSync } from 'node:fs'
import { Int32Column } from './columns.ts'
import { type Operation, writeOperation } from './operation.ts'

/** Milliseconds of what never came to an end. */
export const NEVER_MS = 0x7fffffff

export const SendStatus = { none: 0, invoked: 1, ok: 2, failed: 3, unknown: 4 } as const

/** Everything about one key, in columns. */
export class KeyStream {
  // By value.
  readonly sentBy = new Int32Column(-1)
  readonly sentMs = new Int32Column()
  readonly endedMs = new Int32Column(NEVER_MS)
  readonly status = new Int32Column(SendStatus.none)
  readonly ackedOffset = new Int32Column(-1)
  // By read, in the order of the history; reads of one tenure are in the order of its polls.
  readonly readTenure = new Int32Column()
  readonly readPoll = new Int32Column()
  readonly readOffset = new Int32Column()
  readonly readValue = new Int32Column()
}

/** Times in which a process had a key without a break: where one ends, positions are taken anew. Columns by tenure. */
export class Tenures {
  readonly process = new Int32Column()
  readonly key = new Int32Column()
  /** -1: assigned by hand. */
  readonly group = new Int32Column(-1)
  readonly startMs = new Int32Column()

  begin(process: number, key: number, group: number, startMs: number): number {
    this.process.push(process)
    this.key.push(key)
    this.group.push(group)
    this.startMs.push(startMs)
    return this.process.length - 1
  }
}

/** Commits of one group for one key, and looks at them; columns by commit and by look. */
export class CommitStream {
  readonly offset = new Int32Column()
  readonly invokedMs = new Int32Column()
  readonly endedMs = new Int32Column(NEVER_MS)
  /** 1: acknowledged, 0: perhaps in effect. */
  readonly ok = new Int32Column()
  readonly generation = new Int32Column()
  readonly process = new Int32Column()

  readonly lookOffset = new Int32Column()
  /** 1: where a member began to read, 0: the committed offset itself. */
  readonly lookIsStart = new Int32Column()
  readonly lookInvokedMs = new Int32Column()
  readonly lookEndedMs = new Int32Column()
}

export interface Ownership {
  readonly group: number
  readonly generation: number
  readonly process: number
  readonly atMs: number
  readonly keys: readonly number[]
}

/** A key read by a process that did not have it. */
export interface StrayRead {
  readonly process: number
  readonly key: number
  readonly offset: number
  readonly atMs: number
}

const F = { send: 0, poll: 1, assign: 2, subscribe: 3, commit: 4, committed: 5, crash: 6 } as const
const NO_OFFSET = -1

/** A whole history, split up by key and group as it comes in. */
export class History {
  readonly keys = new Map<number, KeyStream>()
  readonly tenures = new Tenures()
  readonly commits = new Map<string, CommitStream>()
  readonly ownerships: Ownership[] = []
  readonly strays: StrayRead[] = []
  readonly counts = { sends: 0, acknowledged: 0, failed: 0, unknown: 0, polls: 0, reads: 0, commits: 0, rebalances: 0, crashes: 0 }
  #tenureOf = new Map<number, Map<number, number>>()
  /** First poll of a tenure in a group is a look at what was committed. */
  #started = new Int32Column()
  #poll = 0

  static of(operations: Iterable<Operation>): History {
    const history = new History()
    const words: number[] = []
    for (const operation of operations) writeOperation(operation, words)
    history.take(Int32Array.from(words))
    return history
  }

  /** Whole operations, one after the other. */
  take(words: Int32Array): void {
    for (let at = 0; at < words.length; at += words[at]!) this.#takeOne(words, at, at + words[at]!)
  }

  key(key: number): KeyStream {
    let stream = this.keys.get(key)
    if (stream === undefined) this.keys.set(key, (stream = new KeyStream()))
    return stream
  }

  commitsOf(group: number, key: number): CommitStream {
    const name = `${group} ${key}`
    let stream = this.commits.get(name)
    if (stream === undefined) this.commits.set(name, (stream = new CommitStream()))
    return stream
  }

  #takeOne(words: Int32Array, at: number, end: number): void {
    const type = words[at + 1]! & 3
    const process = words[at + 2]!
    const atMs = words[at + 3]!
    switch (words[at + 1]! >> 2) {
      case F.send:
        return this.#send(type, process, atMs, words[at + 4]!, words[at + 5]!, words[at + 6]!)
      case F.poll:
        return this.#polled(words, at + 5, end, process, atMs)
      case F.assign: {
        this.#tenureOf.set(process, new Map())
        for (let next = at + 4; next < end; next++) this.#begin(process, words[next]!, -1, atMs)
        return
      }
      case F.subscribe:
        return this.#rebalanced(words, at, end, process, atMs)
      case F.commit:
        if (type !== 0) this.#committed(words, at, end, type, process, atMs)
        return
      case F.committed:
        for (let next = at + 6; next < end; next += 2) this.#look(words[at + 5]!, words[next]!, words[next + 1]!, 0, words[at + 4]!, atMs)
        return
      case F.crash:
        this.counts.crashes++
        this.#tenureOf.delete(process)
    }
  }

  #send(type: number, process: number, atMs: number, key: number, value: number, offset: number): void {
    const stream = this.key(key)
    if (type === 0) {
      this.counts.sends++
      stream.sentBy.set(value, process)
      stream.sentMs.set(value, atMs)
      stream.endedMs.set(value, NEVER_MS)
      stream.status.set(value, SendStatus.invoked)
      return
    }
    if (type === 1) this.counts.acknowledged++
    else if (type === 2) this.counts.failed++
    else this.counts.unknown++
    stream.status.set(value, type === 1 ? SendStatus.ok : type === 2 ? SendStatus.failed : SendStatus.unknown)
    if (type !== 3) stream.endedMs.set(value, atMs)
    if (type === 1) stream.ackedOffset.set(value, offset)
  }

  #polled(words: Int32Array, from: number, end: number, process: number, atMs: number): void {
    const poll = this.#poll++
    this.counts.polls++
    const tenures = this.#tenureOf.get(process)
    for (let at = from; at < end; at += 3) {
      const [key, offset, value] = [words[at]!, words[at + 1]!, words[at + 2]!]
      const stream = this.key(key)
      const tenure = tenures?.get(key) ?? -1
      this.counts.reads++
      if (tenure < 0) this.strays.push({ process, key, offset, atMs })
      else if (this.#started.at(tenure) === 0) {
        this.#started.set(tenure, 1)
        const group = this.tenures.group.at(tenure)
        if (group >= 0) this.#look(group, key, offset, 1, this.tenures.startMs.at(tenure), atMs)
      }
      stream.readTenure.push(tenure)
      stream.readPoll.push(poll)
      stream.readOffset.push(offset)
      stream.readValue.push(value)
    }
  }

  #begin(process: number, key: number, group: number, atMs: number): void {
    let mine = this.#tenureOf.get(process)
    if (mine === undefined) this.#tenureOf.set(process, (mine = new Map()))
    if (!mine.has(key)) mine.set(key, this.tenures.begin(process, key, group, atMs))
  }

  #rebalanced(words: Int32Array, at: number, end: number, process: number, atMs: number): void {
    const [group, generation, change] = [words[at + 4]!, words[at + 5]!, words[at + 6]!]
    const keys = [...words.subarray(at + 7, end)]
    const mine = this.#tenureOf.get(process)
    if (change === 0) {
      this.counts.rebalances++
      this.ownerships.push({ group, generation, process, atMs, keys })
      for (const key of mine?.keys() ?? []) if (!keys.includes(key)) mine!.delete(key)
      for (const key of keys) this.#begin(process, key, group, atMs)
    } else for (const key of keys) mine?.delete(key)
  }

  #committed(words: Int32Array, at: number, end: number, type: number, process: number, atMs: number): void {
    this.counts.commits++
    if (type === 2) return
    for (let next = at + 7; next < end; next += 2) {
      const stream = this.commitsOf(words[at + 5]!, words[next]!)
      stream.offset.push(words[next + 1]!)
      stream.invokedMs.push(words[at + 4]!)
      stream.endedMs.push(type === 1 ? atMs : NEVER_MS)
      stream.ok.push(type === 1 ? 1 : 0)
      stream.generation.push(words[at + 6]!)
      stream.process.push(process)
    }
  }

  #look(group: number, key: number, offset: number, isStart: number, invokedMs: number, endedMs: number): void {
    const stream = this.commitsOf(group, key)
    stream.lookOffset.push(offset < 0 ? NO_OFFSET : offset)
    stream.lookIsStart.push(isStart)
    stream.lookInvokedMs.push(invokedMs)
    stream.lookEndedMs.push(endedMs)
  }
}

const FLUSH_WORDS = 16_384

/** The one writer of a history file: operations in their order, appended, never changed. */
export class HistoryFile {
  readonly #file: number
  #words: number[] = []

  constructor(path: string) {
    this.#file = openSync(path, 'ax')
  }

  add(operation: Operation): void {
    writeOperation(operation, this.#words)
    if (this.#words.length >= FLUSH_WORDS) this.flush()
  }

  flush(): void {
    const bytes = new Uint8Array(Int32Array.from(this.#words).buffer)
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#file, bytes, at)
    this.#words = []
  }

  close(): void {
    this.flush()
    closeSync(this.#file)
  }
}

const READ_BYTES = 8 << 20

/** Whole operations of a history file, many at a time; what was cut off at its end is left out. */
export function* operationsOf(path: string): Generator<Int32Array> {
  const file = openSync(path, 'r')
  let rest = Buffer.alloc(0)
  try {
    for (;;) {
      const chunk = Buffer.allocUnsafe(READ_BYTES)
      const count = readSync(file, chunk, 0, READ_BYTES, null)
      if (count === 0) return
      const bytes = Buffer.concat([rest, chunk.subarray(0, count)])
      const words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2)
      let end = 0
      while (end < words.length && end + words[end]! <= words.length) end += words[end]!
      yield words.subarray(0, end)
      rest = Buffer.from(bytes.subarray(end * 4))
    }
  } finally {
    closeSync(file)
  }
}

export const readHistory = (path: string): History => {
  const history = new History()
  for (const words of operationsOf(path)) history.take(words)
  return history
}
