import { call } from '../../client/index.ts'
import { Apis, Errors } from '../../protocol/index.ts'
import { FetchRequest, FetchResponse } from '../../protocol/messages/fetch.ts'
import { isControl, lastOffset, magic, nextBatchBytes, RecordCursor } from '../../records/index.ts'
import type { RecordTime, TopicSample } from '../sample.ts'
import { answerBound, type BrokerRounds } from './broker-rounds.ts'

const fetchCall = call(Apis.Fetch, FetchRequest, FetchResponse)

/** From version 13 on Fetch names topics by id. */
const NAMED_TOPICS_VERSION_MAX = 12
/** Of each partition: enough for the batch of a usual producer. A larger one comes when its partition is the first. */
const PARTITION_BYTES = 32 * 1024
const ANSWER_BYTES = 1024 * 1024
/** Looked for at a time; what is left is looked for in the next round. */
const RECORDS_MAX = 64
/** Kept, as long as nobody moves on. */
const KNOWN_MAX = 4096

export type CommittedRecord = Omit<RecordTime, 'timestamp'>

/** When records were written, read from the records themselves; a record that was read is not read again. */
export class RecordTimes {
  readonly #known = new Map<string, number>()
  /** Looked for before, without success: another comes first in the next request. */
  readonly #missed = new Set<string>()

  async look(rounds: BrokerRounds, topics: readonly TopicSample[], wanted: readonly CommittedRecord[]): Promise<RecordTime[]> {
    const missing = wanted.filter((each) => !this.#known.has(keyOf(each)))
    missing.sort((a, b) => Number(this.#missed.has(keyOf(b))) - Number(this.#missed.has(keyOf(a))))
    const leaders = new Map(topics.map(({ name, partitions }) => [name, partitions]))
    const asked = Map.groupBy(missing.slice(0, RECORDS_MAX), ({ topic, partition }) => leaders.get(topic)?.[partition]?.leader ?? -1)
    asked.delete(-1)
    await rounds.askAll('Fetch', asked.keys(), async (link, broker) => {
      const records = asked.get(broker)!
      const answer = await link.request(fetchCall, bodyOf(records), { ...answerBound, maxVersion: NAMED_TOPICS_VERSION_MAX })
      const found = new Map(
        answer.responses.flatMap(({ topic, partitions }) => partitions.map((each) => [`${topic}-${each.partitionIndex}`, each] as const)),
      )
      for (const record of records) {
        const each = found.get(`${record.topic}-${record.partition}`)
        const timestamp = each?.errorCode === Errors.NONE ? timestampAt(each.records as Buffer | null, record.offset) : undefined
        if (timestamp === undefined) this.#missed.add(keyOf(record))
        else this.#keep(keyOf(record), timestamp)
      }
    })
    return wanted.flatMap((each) => {
      const timestamp = this.#known.get(keyOf(each))
      return timestamp === undefined ? [] : [{ topic: each.topic, partition: each.partition, offset: each.offset, timestamp }]
    })
  }

  #keep(key: string, timestamp: number): void {
    this.#missed.delete(key)
    this.#known.set(key, timestamp)
    if (this.#known.size > KNOWN_MAX) this.#known.delete(this.#known.keys().next().value!)
    if (this.#missed.size > KNOWN_MAX) this.#missed.clear()
  }
}

const keyOf = ({ topic, partition, offset }: CommittedRecord): string => `${topic}-${partition}@${offset}`

const bodyOf = (records: readonly CommittedRecord[]) => (version: number) => ({
  maxWaitMs: 0,
  minBytes: 0,
  maxBytes: ANSWER_BYTES,
  ...(version >= 7 ? { sessionId: 0, sessionEpoch: -1 } : {}),
  topics: [...Map.groupBy(records, ({ topic }) => topic)].map(([topic, list]) => ({
    topic,
    partitions: list.map(({ partition, offset }) => ({ partition, fetchOffset: offset, partitionMaxBytes: PARTITION_BYTES })),
  })),
})

/** Of the first record at or behind an offset; control records are nobody's. */
function timestampAt(bytes: Buffer | null, offset: number): number | undefined {
  if (bytes === null) return undefined
  const cursor = new RecordCursor()
  for (let at = 0; ; ) {
    const length = nextBatchBytes(bytes, at, bytes.length)
    if (length <= 0) return undefined
    const isWanted = magic(bytes, at) < 2 || (lastOffset(bytes, at) >= offset && !isControl(bytes, at))
    if (isWanted) {
      cursor.open(bytes, at)
      while (cursor.next()) if (cursor.offset >= offset) return cursor.timestamp < 0 ? undefined : cursor.timestamp
    }
    at += length
  }
}
