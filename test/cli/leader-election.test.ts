import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Admin, TopicPartition } from '../../src/client/index.ts'
import { electionCandidates, holdElection } from '../../src/ops/leader-election.ts'

describe('an unclean election', () => {
  /** Topic t with partition 0 led by broker 1 and partition 1 led by nobody. */
  const asked: (readonly TopicPartition[] | null)[] = []
  const partition = (number: number, leader: number) => ({ partition: number, leader, replicas: [1, 2], isr: [1] })
  const admin = {
    describeTopics: async () => [{ item: 't', error: null, value: { partitions: [partition(0, 1), partition(1, -1)] } }],
    electLeaders: async (_type: string, partitions: readonly TopicPartition[] | null) => {
      asked.push(partitions)
      return (partitions ?? []).map((item) => ({ item, error: null, value: null }))
    },
  } as unknown as Admin
  const all = [0, 1, 7].map((number) => ({ topic: 't', partition: number }))

  it('reaches only partitions that were seen without a leader, and tells of the others', async () => {
    const candidates = await electionCandidates(admin, 'unclean', all)
    const results = await holdElection(admin, 'unclean', all, candidates)
    assert.deepEqual(asked.splice(0), [[{ topic: 't', partition: 1 }]])
    assert.deepEqual(
      results.map(({ item, error, value }) => [item.partition, error?.name ?? value!.elected]),
      [
        [0, false],
        [1, true],
        [7, 'UNKNOWN_TOPIC_OR_PARTITION'],
      ],
    )
  })

  it('asks nobody when none is', async () => {
    const one = all.slice(0, 1)
    await holdElection(admin, 'unclean', one, await electionCandidates(admin, 'unclean', one))
    await holdElection(admin, 'unclean', null, [])
    assert.deepEqual(asked, [])
  })
})
