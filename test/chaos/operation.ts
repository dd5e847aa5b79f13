/**
 * What a client did and what came of it, after Jepsen's tests of queues. A key is a partition, a value a number that is written to its key
 * once at most; values of a key count up in the order in which they are sent. Times are milliseconds since the run began.
 *
 * `fail` says that the effect is certainly absent; what may have happened or not is `info`, and so is what never came to an end.
 * A process that saw `info` for a send is gone: its client is thrown away, and another process goes on.
 */
export type Operation =
  | ({ readonly f: 'send'; readonly type: Outcome; readonly process: number; readonly atMs: number } & Sent)
  | { readonly f: 'poll'; readonly process: number; readonly invokedMs: number; readonly atMs: number; readonly reads: readonly Read[] }
  /** Takes exactly these keys; positions are sought anew. */
  | { readonly f: 'assign'; readonly process: number; readonly atMs: number; readonly keys: readonly number[] }
  | ({ readonly f: 'subscribe'; readonly process: number; readonly atMs: number } & Rebalance)
  | ({ readonly f: 'commit'; readonly type: Outcome; readonly process: number; readonly invokedMs: number; readonly atMs: number } & Commit)
  /** A look at what a group has committed; offset -1: nothing. */
  | ({ readonly f: 'committed'; readonly process: number; readonly invokedMs: number; readonly atMs: number } & Look)
  | { readonly f: 'crash'; readonly process: number; readonly atMs: number }

export type Outcome = 'invoke' | 'ok' | 'fail' | 'info'

export interface Sent {
  readonly key: number
  readonly value: number
  /** -1: not told. */
  readonly offset: number
}

export interface Read {
  readonly key: number
  readonly offset: number
  /** -1: something that is no value of this key. */
  readonly value: number
}

export interface Rebalance {
  readonly group: number
  readonly generation: number
  /** `assigned`: `keys` are all that the member owns now; else those that it owns no more. */
  readonly change: 'assigned' | 'revoked' | 'lost'
  readonly keys: readonly number[]
}

export interface Position {
  readonly key: number
  readonly offset: number
}

export interface Commit {
  readonly group: number
  /** Of the member when it committed. */
  readonly generation: number
  readonly offsets: readonly Position[]
}

export interface Look {
  readonly group: number
  readonly offsets: readonly Position[]
}

export const outcomes = ['invoke', 'ok', 'fail', 'info'] as const
export const changes = ['assigned', 'revoked', 'lost'] as const
export const functions = ['send', 'poll', 'assign', 'subscribe', 'commit', 'committed', 'crash'] as const

/** Appends the operation to `words`: its length, what it is, and numbers. */
export const writeOperation = (operation: Operation, words: number[]): void => {
  const at = words.length
  const type = 'type' in operation ? outcomes.indexOf(operation.type) : 1
  words.push(0, functions.indexOf(operation.f) * 4 + type, operation.process, operation.atMs)
  switch (operation.f) {
    case 'send':
      words.push(operation.key, operation.value, operation.offset)
      break
    case 'poll':
      words.push(operation.invokedMs)
      for (const { key, offset, value } of operation.reads) words.push(key, offset, value)
      break
    case 'assign':
      words.push(...operation.keys)
      break
    case 'subscribe':
      words.push(operation.group, operation.generation, changes.indexOf(operation.change), ...operation.keys)
      break
    case 'commit':
      words.push(operation.invokedMs, operation.group, operation.generation)
      for (const { key, offset } of operation.offsets) words.push(key, offset)
      break
    case 'committed':
      words.push(operation.invokedMs, operation.group)
      for (const { key, offset } of operation.offsets) words.push(key, offset)
      break
  }
  words[at] = words.length - at
}

const positions = (words: Int32Array, from: number, end: number): Position[] => {
  const list: Position[] = []
  for (let at = from; at < end; at += 2) list.push({ key: words[at]!, offset: words[at + 1]! })
  return list
}

/** The operation at `at`, as an object: for people; the checker reads the words. */
export const readOperation = (words: Int32Array, at: number): Operation => {
  const end = at + words[at]!
  const f = functions[words[at + 1]! >> 2]!
  const type = outcomes[words[at + 1]! & 3]!
  const [process, atMs] = [words[at + 2]!, words[at + 3]!]
  switch (f) {
    case 'send':
      return { f, type, process, atMs, key: words[at + 4]!, value: words[at + 5]!, offset: words[at + 6]! }
    case 'poll': {
      const reads: Read[] = []
      for (let next = at + 5; next < end; next += 3) reads.push({ key: words[next]!, offset: words[next + 1]!, value: words[next + 2]! })
      return { f, process, invokedMs: words[at + 4]!, atMs, reads }
    }
    case 'assign':
      return { f, process, atMs, keys: [...words.subarray(at + 4, end)] }
    case 'subscribe':
      return {
        ...{ f, process, atMs, group: words[at + 4]!, generation: words[at + 5]!, change: changes[words[at + 6]!]! },
        keys: [...words.subarray(at + 7, end)],
      }
    case 'commit':
      return {
        ...{ f, type, process, invokedMs: words[at + 4]!, atMs, group: words[at + 5]!, generation: words[at + 6]! },
        offsets: positions(words, at + 7, end),
      }
    case 'committed':
      return { f, process, invokedMs: words[at + 4]!, atMs, group: words[at + 5]!, offsets: positions(words, at + 6, end) }
    case 'crash':
      return { f, process, atMs }
  }
}
