import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/** Base64, or null for no bytes at all. */
export type Bytes = string | null

export interface SentRecord {
  readonly key: Bytes
  readonly value: Bytes
  readonly headers?: readonly (readonly [name: string, value: Bytes])[]
  readonly partition?: number
  readonly timestamp?: number
}

export interface ReadRecord {
  readonly partition: number
  readonly offset: number
  readonly timestamp: number
  readonly key: Bytes
  readonly value: Bytes
  readonly headers: readonly (readonly [name: string, value: Bytes])[]
}

export interface Place {
  readonly partition: number
  readonly offset: number
}

/** What a command answers. A client refuses the commands that its library cannot do; the suite knows which. */
export interface Answers {
  produce: readonly Place[]
  /** Everything in the topic now, or the first `count` records (in any order of partitions). */
  read: readonly ReadRecord[]
  /** A member of a group subscribes; it lives until `leave`. */
  join: null
  poll: { readonly records: readonly ReadRecord[]; readonly assigned: readonly number[] }
  /** The positions after what was polled. */
  commit: null
  leave: null
  createTopic: null
  createPartitions: null
  deleteTopic: null
  listTopics: readonly string[]
  describeTopic: { readonly id?: string; readonly partitions: number }
  /** What is set on the resource itself, defaults left out. */
  describeConfigs: Readonly<Record<string, string>>
  alterConfigs: null
  listOffsets: { readonly start: Readonly<Record<string, number>>; readonly end: Readonly<Record<string, number>> }
  deleteRecords: null
  listGroups: readonly string[]
  describeGroup: { readonly state: string; readonly members: number; readonly instances?: readonly string[] }
  deleteGroup: null
  /** `offset epoch metadata` by `topic-partition`. */
  committed: Readonly<Record<string, string>>
  alterCommitted: null
}

/**
 * A program around a client library of another project. It reads commands from standard input, one JSON object a line (`do` names it), and
 * answers each with one line, `{"ok": …}` or `{"error": "…"}`, in order.
 */
export class ForeignClient implements AsyncDisposable {
  readonly name: string
  readonly #child: ChildProcess
  readonly #waiting: { resolve: (answer: never) => void; reject: (error: Error) => void; what: string }[] = []
  #stderr = ''
  #ended: Error | undefined

  constructor(name: string, child: ChildProcess) {
    this.name = name
    this.#child = child
    child.stderr!.on('data', (chunk) => (this.#stderr = (this.#stderr + chunk).slice(-20_000)))
    child.stdin!.on('error', () => {})
    createInterface({ input: child.stdout! }).on('line', (line) => this.#hear(line))
    child.on('error', (error) => this.#end(error))
    child.on('close', (code, signal) => this.#end(new Error(`${name} ended (${signal ?? code})\n${this.#stderr}`)))
  }

  /** What it wrote to standard error, at most the last 20 kB. */
  get said(): string {
    return this.#stderr
  }

  ask<C extends keyof Answers>(command: C, parameters: Readonly<Record<string, unknown>> = {}, limitMs = 30_000): Promise<Answers[C]> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended)
    const what = `${this.name}: ${command} ${JSON.stringify(parameters).slice(0, 200)}`
    return new Promise<Answers[C]>((resolve, reject) => {
      const limit = setTimeout(() => reject(new Error(`${what}: no answer within ${limitMs} ms\n${this.#stderr}`)), limitMs)
      this.#waiting.push({
        what,
        resolve: (answer) => {
          clearTimeout(limit)
          resolve(answer)
        },
        reject: (error) => {
          clearTimeout(limit)
          reject(error)
        },
      })
      this.#child.stdin!.write(`${JSON.stringify({ do: command, ...parameters })}\n`)
    })
  }

  #hear(line: string): void {
    if (!line.startsWith('{')) {
      this.#stderr += `${line}\n`
      return
    }
    const { resolve, reject, what } = this.#waiting.shift()!
    const { ok, error } = JSON.parse(line)
    if (error === undefined) resolve(ok as never)
    else reject(new Error(`${what}: ${error}`))
  }

  #end(error: Error): void {
    this.#ended ??= error
    for (const { reject } of this.#waiting.splice(0)) reject(error)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const closed = once(this.#child, 'close')
    this.#child.stdin!.end()
    const limit = setTimeout(() => this.#child.kill('SIGKILL'), 3000)
    await closed
    clearTimeout(limit)
  }
}

/** Polls the members in turn until `done`; gives back what each of them read. */
export async function pollUntil(
  client: ForeignClient,
  members: readonly string[],
  what: string,
  done: (assigned: ReadonlyMap<string, readonly number[]>, records: ReadonlyMap<string, readonly ReadRecord[]>) => boolean,
  limitMs = 30_000,
): Promise<Map<string, ReadRecord[]>> {
  const deadline = performance.now() + limitMs
  const assigned = new Map<string, readonly number[]>()
  const records = new Map<string, ReadRecord[]>(members.map((member) => [member, []]))
  while (!done(assigned, records)) {
    if (performance.now() > deadline) {
      const counts = [...records].map(([member, { length }]) => `${member}: ${length} records of ${JSON.stringify(assigned.get(member))}`)
      throw new Error(`${client.name}: not within ${limitMs} ms: ${what} (${counts.join(', ')})\n${client.said}`)
    }
    for (const member of members) {
      const answer = await client.ask('poll', { member, waitMs: 150 })
      assigned.set(member, answer.assigned)
      records.get(member)!.push(...answer.records)
    }
  }
  return records
}
