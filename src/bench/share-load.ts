import { type AcknowledgementResult, type SettingsInput, type ShareChunk, ShareConsumer } from '../client/index.ts'
import type { Host } from '../host/index.ts'
import type { BenchDeliveries, BenchRound, BenchRow } from './bench-report.ts'
import { Meter } from './meter.ts'

export interface ShareLoadOptions {
  readonly host: Host
  /** Settings of Kafka's share consumers, group.id among them. */
  readonly config: SettingsInput
  readonly topic: string
  readonly consumers: number
  /** Records to read, the warm-up included; may be infinite. */
  readonly countMax: number
  readonly durationMs: number
  readonly warmUpRecords: number
  readonly warmUpMs: number
  /** Looks at every record, as an application would; without, at the heads of batches. */
  readonly decode: boolean
  /** Ends it when nothing came for so long. */
  readonly silenceMs: number
  readonly intervalMs: number
  readonly onRow: (row: BenchRow) => void
  readonly stop: AbortSignal
}

const POLL_MS = 200
/** Until there are partitions a poll comes back this often: what is measured begins with them. */
const JOIN_POLL_MS = 20
const COMMIT_MS = 10_000
const CLOSE_MS = 5000

/** One member, and what it was given and has not been told of yet, by partition: each delivery is acknowledged as a whole, in its order. */
class Member {
  readonly consumer: ShareConsumer
  readonly #given = new Map<number, number[]>()

  constructor(host: Host, config: SettingsInput, onAcknowledged: (result: AcknowledgementResult, givenMs: number | undefined) => void) {
    const told = (result: AcknowledgementResult): void => {
      // Offsets without records are acknowledged as well.
      if (result.count > 0) onAcknowledged(result, this.#given.get(result.partition)?.shift())
    }
    this.consumer = new ShareConsumer(host, config, { connectAttempts: 3, onAcknowledged: told })
  }

  gave(partition: number, nowMs: number): void {
    const times = this.#given.get(partition)
    if (times === undefined) this.#given.set(partition, [nowMs])
    else times.push(nowMs)
  }
}

/** One round of `bench share`. */
export async function shareLoad(options: ShareLoadOptions, onUnknown: (keys: readonly string[]) => void): Promise<BenchRound> {
  const { host, config, topic, intervalMs, onRow, stop, warmUpRecords, warmUpMs, countMax } = options
  const { clock } = host
  const isExplicit = String(config['share.acknowledgement.mode'] ?? '').toLowerCase() === 'explicit'
  const meter = new Meter({ host, intervalMs, onRow })
  const deliveries = { acknowledged: 0, refused: 0, redelivered: 0, countMax: 0 }
  let [batches, read, isOver] = [0, 0, false]
  let beginMs = Number.POSITIVE_INFINITY
  const acknowledged = ({ count, error }: AcknowledgementResult, givenMs: number | undefined): void => {
    if (error !== null) {
      deliveries.refused += count
      meter.lost(count, `acknowledgement refused: ${error.message} [${error.name} ${error.code}]`)
      return
    }
    deliveries.acknowledged += count
    if (givenMs !== undefined && meter.isMeasuring) meter.confirmed(count, clock.monotonic() - givenMs)
  }
  const members: Member[] = []
  const end = (): void => {
    if (isOver) return
    isOver = true
    for (const { consumer } of members) consumer.wakeup()
  }
  const close = (): Promise<unknown> => Promise.all(members.map(({ consumer }) => consumer.close(CLOSE_MS)))
  try {
    for (let count = options.consumers; count > 0; count--) members.push(new Member(host, config, acknowledged))
    onUnknown(members[0]!.consumer.unknownKeys)
    for (const { consumer } of members) consumer.subscribe([topic])
    const startMs = clock.monotonic()
    let lastMs = startMs
    meter.start(startMs)
    const watch = (): void => {
      const nowMs = clock.monotonic()
      const leftMs = options.durationMs - Math.max(0, nowMs - beginMs)
      if (leftMs <= 0 || nowMs - lastMs >= options.silenceMs || stop.aborted) end()
      else timer = clock.after(Math.min(100, leftMs), watch)
    }
    let timer = clock.after(0, watch)
    stop.addEventListener('abort', end)
    const take = (member: Member, chunk: ShareChunk, nowMs: number): void => {
      const isWarmUp = read < warmUpRecords || nowMs - beginMs < warmUpMs
      if (!isWarmUp) meter.measureFrom(nowMs)
      member.gave(chunk.partition, nowMs)
      for (const { first, last, value } of chunk.deliveries) {
        if (value > 1) deliveries.redelivered += last - first + 1
        deliveries.countMax = Math.max(deliveries.countMax, value)
      }
      const { bytes, count } = weigh(chunk, options.decode, isExplicit)
      batches += chunk.batches.length
      read += count
      lastMs = nowMs
      meter.read(count, bytes, nowMs, isWarmUp)
      if (read >= countMax) end()
    }
    try {
      await Promise.all(
        members.map(async (member) => {
          const { consumer } = member
          while (!isOver) {
            const askedMs = clock.monotonic()
            const isIn = beginMs < Number.POSITIVE_INFINITY
            const chunks = await consumer.poll(isIn ? POLL_MS : JOIN_POLL_MS)
            if (consumer.assignment().length > 0 && beginMs === Number.POSITIVE_INFINITY) {
              // A group has to meet before it can read: that is told apart.
              beginMs = lastMs = askedMs
              if (warmUpRecords === 0 && warmUpMs === 0) meter.measureFrom(askedMs)
            }
            const nowMs = clock.monotonic()
            for (const chunk of chunks) take(member, chunk, nowMs)
          }
        }),
      )
    } finally {
      timer.cancel()
    }
    await Promise.all(members.map(({ consumer }) => consumer.commitSync(COMMIT_MS)))
    await close()
    const { fetches, acknowledges } = requestsOf(members)
    const joinMs = beginMs < Number.POSITIVE_INFINITY ? Math.round(beginMs - startMs) : null
    return await meter.finish({ batches, requests: fetches + acknowledges, joinMs, deliveries: deliveries satisfies BenchDeliveries })
  } finally {
    end()
    meter.close()
    stop.removeEventListener('abort', end)
    await close()
  }
}

/** Records and bytes of a chunk; in explicit mode each record is accepted by itself. Batches may hold records of others: their bytes count too. */
function weigh(chunk: ShareChunk, decode: boolean, isExplicit: boolean): { count: number; bytes: number } {
  const { cursor, count } = chunk
  if (!decode && !isExplicit) return { count, bytes: chunk.batches.reduce((sum, { bytes }) => sum + bytes, 0) }
  let bytes = 0
  while (chunk.next()) {
    bytes += Math.max(0, cursor.keyLength) + Math.max(0, cursor.valueLength)
    if (isExplicit) chunk.acknowledge()
  }
  return { count, bytes }
}

const requestsOf = (members: readonly Member[]): { fetches: number; acknowledges: number } => ({
  fetches: members.reduce((sum, { consumer }) => sum + consumer.metrics.fetches, 0),
  acknowledges: members.reduce((sum, { consumer }) => sum + consumer.metrics.acknowledges, 0),
})
