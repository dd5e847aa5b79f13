import { loadProducerLoad, RecordSource } from '../../bench/index.ts'
import { ClientError, Producer } from '../../client/index.ts'
import { PerfStatistics, type ProducerPerf } from './producer-perf-load.ts'

/** So many records are handed over before answers are looked at. */
const SLICE = 200
const STOP_MS = 5000

/** Record by record: values that differ from each other (0, 1, 2 …), and transactions. */
export async function sendRecords(load: ProducerPerf): Promise<number> {
  const { namespace, io, host, properties, warmUp, content, durationMs, failures } = load
  const { clock } = host
  const { Pace } = await loadProducerLoad()
  const topic = namespace.text('topic')!
  const stop = io.stopSignal()
  const producer = new Producer(host, properties)
  const transactions = durationMs === undefined ? undefined : producer.transactions
  const isMonotonic = namespace.text('payload-monotonic') === 'true'
  const source = new RecordSource(content, host.random)
  const valueAt = (index: number): Buffer => (isMonotonic ? Buffer.from(String(index)) : source.next(0, 1)!.value)
  let isOver = false
  let statistics: PerfStatistics
  const ending = async (work: Promise<void>, waitedFor: 'InitProducerId' | 'EndTxn(true)'): Promise<void> => {
    try {
      await work
    } catch (error) {
      if (!(error instanceof ClientError)) throw error
      throw failures.transactionException(error, waitedFor)
    }
  }
  try {
    if (transactions !== undefined) await ending(transactions.init(), 'InitProducerId')
    statistics = new PerfStatistics(load)
    const pace = new Pace({ ...load.pace, warmUpRecords: 0 }, clock.monotonic())
    let size = 0
    let begunMs = 0
    while (!pace.isOver(clock.monotonic()) && !stop.aborted) {
      const sentMs = clock.monotonic()
      if (pace.due(sentMs) === 0) {
        await new Promise<void>((resolve) => void clock.after(Math.min(100, Math.max(1, pace.waitMs(sentMs))), resolve))
        continue
      }
      const index = pace.taken
      if (size === 0 && transactions !== undefined) {
        transactions.begin()
        begunMs = sentMs
      }
      if (warmUp > 0 && index === warmUp) statistics.warm()
      const value = valueAt(index)
      await send(value, (error) => {
        if (error === null) statistics.record(clock.monotonic() - sentMs, value.length, index < warmUp)
        else if (!isOver) statistics.lost(failures.exception(error, 'delivery', 1))
      })
      pace.take(1, sentMs)
      size++
      if (transactions !== undefined && durationMs! <= sentMs - begunMs) {
        await ending(transactions.commit(), 'EndTxn(true)')
        size = 0
      } else if (index % SLICE === 0) await new Promise<void>((resolve) => clock.defer(resolve))
    }
    if (transactions !== undefined && size > 0 && !stop.aborted) await ending(transactions.commit(), 'EndTxn(true)')
    await producer.close(stop.aborted ? STOP_MS : Number.MAX_SAFE_INTEGER)
    statistics.tell(producer.metrics)
    return 0
  } finally {
    isOver = true
    await producer.close(STOP_MS)
  }

  /** Waits for the topic and for room; a record that gets neither is lost, and a transaction with it. */
  async function send(value: Buffer, told: (error: ClientError | null) => void): Promise<void> {
    try {
      while (!producer.send({ topic, value }, told)) {
        const isKnown = (producer.cluster.view.topics.get(topic)?.partitions.length ?? 0) > 0
        try {
          await producer.ready(topic)
        } catch (error) {
          if (!(error instanceof ClientError)) throw error
          statistics.lost(failures.exception(error, isKnown ? 'room' : 'metadata'))
          return
        }
      }
    } catch (error) {
      if (!(error instanceof ClientError)) throw error
      if (error.errorName !== 'MESSAGE_TOO_LARGE' || !error.message.startsWith('a record of'))
        throw transactions === undefined ? failures.stopped(error) : failures.transactionException(error, 'EndTxn(true)')
      statistics.lost(failures.exception(error, 'delivery', 1, value.length))
    }
  }
}
