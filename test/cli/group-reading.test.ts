import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { GroupReading } from '../../src/cli/records/consumption.ts'
import type { Consumer, OffsetToCommit, RebalanceListener } from '../../src/client/index.ts'

/** A member of a group that keeps what is committed. */
const reading = () => {
  const committed: OffsetToCommit[] = []
  let listener: RebalanceListener = {}
  const consumer = {
    subscribe: (_: unknown, told: RebalanceListener) => void (listener = told),
    commitSync: async (offsets: OffsetToCommit[]) => void committed.push(...offsets),
  } as unknown as Consumer
  const clock = { monotonic: () => 0 } as never
  const group = new GroupReading(consumer, clock, ['t'], false, new AbortController().signal)
  group.printed({ topic: 't', partition: 0 }, 5)
  return { group, committed, listener }
}

describe('what is printed of a group and not committed', () => {
  const partitions = [{ topic: 't', partition: 0 }]

  it('is committed before its partition goes to another member', async () => {
    const { committed, listener } = reading()
    await listener.revoked?.(partitions)
    assert.deepEqual(committed, [{ topic: 't', partition: 0, offset: 5 }])
  })

  it('is not committed by who is no member any more, then or later', async () => {
    const { group, committed, listener } = reading()
    await (listener.lost ?? listener.revoked)?.(partitions)
    await group.commit(1000)
    assert.deepEqual(committed, [])
  })
})
