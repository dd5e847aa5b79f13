/** All clients of a run in a process of their own: node client-process.ts OPTIONS-AS-JSON, with a parent that talks to it. */
import { openAdmin } from '../../src/client/index.ts'
import { silentJournal } from '../../src/host/index.ts'
import { nodeHost } from '../../src/host/node/index.ts'
import { Dice } from './dice.ts'
import { GroupClient, groupName } from './group-reading.ts'
import { HistoryFile } from './history.ts'
import type { Operation } from './operation.ts'
import { ProducingClient, ValueCounter } from './producing.ts'
import { ReadingClient } from './reading.ts'
import { type ClientGround, connecting, keyCount, keyOf, partitionOf, type WorkloadCounts, type WorkloadOptions } from './workload.ts'

export type ToClients =
  | { readonly kind: 'stop-producing' }
  | { readonly kind: 'finish'; readonly groupLimitMs: number; readonly readLimitMs: number }

export type FromClients =
  | { readonly kind: 'counts'; readonly counts: WorkloadCounts }
  | { readonly kind: 'produced' }
  | { readonly kind: 'finished'; readonly readAll: boolean; readonly complaints: readonly string[] }

const FINAL_READERS = 2
const LOOK_EVERY_MS = 2000
const OBSERVER = 0

const options = JSON.parse(process.argv[2]!) as WorkloadOptions
const host = nodeHost({ journal: silentJournal })
const dice = new Dice(options.seed)
const history = new HistoryFile(options.historyFile)
const counts = { acknowledged: 0, unknown: 0, polls: 0, reads: 0, commits: 0, rebalances: 0 }
const complaints: string[] = []
let processes = OBSERVER + 1
let isProducing = true
let isReading = true

const record = (operation: Operation): void => {
  history.add(operation)
  if (operation.f === 'send' && operation.type === 'ok') counts.acknowledged++
  else if (operation.f === 'send' && operation.type === 'info') counts.unknown++
  else if (operation.f === 'poll') {
    counts.polls++
    counts.reads += operation.reads.length
  } else if (operation.f === 'commit' && operation.type === 'ok') counts.commits++
  else if (operation.f === 'subscribe' && operation.change === 'assigned') counts.rebalances++
}
const nowMs = (): number => Math.trunc(performance.timeOrigin + performance.now() - options.originMs)
const complain = (error: unknown): void => {
  if (complaints.length < 20) complaints.push(error instanceof Error ? (error.stack ?? error.message) : String(error))
}
const ackedTo = new Int32Array(keyCount(options.topics)).fill(-1)
const groundFor = (isStopped: () => boolean): ClientGround => ({
  ...{ options, host, dice, isStopped, record, nowMs, ackedTo, complain },
  newProcess: () => processes++,
})
const pause = (ms: number): Promise<void> => new Promise((resolve) => void host.clock.after(ms, resolve))

/** Looks at what the groups have committed. */
const admin = openAdmin(host, { ...connecting(options.bootstrap), 'default.api.timeout.ms': 5000 })
const look = async (): Promise<void> => {
  for (const group of options.groups.keys()) {
    const invokedMs = nowMs()
    const [found] = await admin.listGroupOffsets([groupName(group)], { requireStable: true, timeoutMs: 5000 }).catch(() => [])
    if (found?.value == null) continue
    const offsets = new Map(Array.from(ackedTo, (_, key) => [key, -1]))
    for (const { item, error, value } of found.value) {
      const key = keyOf(options.topics, item.topic, item.partition)
      if (error === null) offsets.set(key, Number(value.offset))
      else offsets.delete(key)
    }
    const list = [...offsets].map(([key, offset]) => ({ key, offset }))
    record({ f: 'committed', process: OBSERVER, invokedMs, atMs: nowMs(), group, offsets: list })
  }
}
const observe = async (): Promise<void> => {
  while (isReading) {
    await look()
    await pause(LOOK_EVERY_MS)
  }
}

const producing = groundFor(() => !isProducing)
const reading = groundFor(() => !isReading)
const values = new ValueCounter(ackedTo.length)
const producers = Array.from({ length: options.producers }, () =>
  new ProducingClient(producing, values, options.rate / options.producers).run(),
)
const groupReadTo = options.groups.map(() => new Int32Array(ackedTo.length).fill(-1))
const members = options.groups.flatMap((count, group) =>
  Array.from({ length: count }, () => new GroupClient(reading, group, groupReadTo[group]!).run()),
)
const readers = [...Array.from({ length: options.readers }, () => new ReadingClient(reading).run()), ...members, observe()]
for (const client of [...producers, ...readers]) client.catch(complain)

/** A group that does not come to the end when nothing fails any more is stuck. */
const groupsReadOn = async (limitMs: number): Promise<void> => {
  const deadlineMs = nowMs() + limitMs
  const places = Array.from(ackedTo, (_, key) => ({ ...partitionOf(options.topics, key), at: 'latest' as const }))
  const ends = await admin.listOffsets(places, { timeoutMs: 20_000 })
  // What was acknowledged and is not there any more is another finding.
  const goal = ends.map(({ value }, key) => Math.min(ackedTo[key]!, (value?.offset ?? 0) - 1))
  for (const [group, readTo] of groupReadTo.entries()) {
    while (readTo.some((offset, key) => offset < goal[key]!)) {
      if (nowMs() > deadlineMs) {
        const missing = [...readTo.entries()].filter(([key, offset]) => offset < goal[key]!)
        complain(`group ${group} does not read on: ${missing.map(([key, offset]) => `key ${key} at ${offset} of ${goal[key]}`).join(', ')}`)
        break
      }
      await pause(100)
    }
  }
}

const tell = (message: FromClients): void => void process.send!(message)
const ticker = setInterval(() => tell({ kind: 'counts', counts }), 500)

process.on('message', async (message: ToClients) => {
  isProducing = false
  await Promise.allSettled(producers)
  if (message.kind === 'stop-producing') return tell({ kind: 'produced' })
  await groupsReadOn(message.groupLimitMs).catch(complain)
  isReading = false
  await Promise.allSettled(readers)
  await look()
  const ends = Array.from({ length: FINAL_READERS }, () => new ReadingClient(reading).readAll(message.readLimitMs))
  const readAll = (await Promise.all(ends)).every((all) => all)
  clearInterval(ticker)
  history.close()
  tell({ kind: 'counts', counts })
  tell({ kind: 'finished', readAll, complaints })
  process.disconnect!()
  process.exit(0)
})
// A parent that is gone has no use for clients.
process.on('disconnect', () => process.exit(1))
