import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { plainStyle } from '../../src/cli/index.ts'
import { topicText } from '../../src/cli/topic-text.ts'
import type { Admin, AdminOptions, OffsetQuery } from '../../src/client/index.ts'
import { topicReports } from '../../src/ops/topic-report.ts'
import { Errors } from '../../src/protocol/index.ts'

describe('a look at a topic while a leader is gone and not missed yet', () => {
  const partition = (index: number, leader: number) => ({
    partition: index,
    leader,
    replicas: [leader],
    isr: [leader],
    eligibleLeaderReplicas: [],
  })
  const asked: AdminOptions[] = []
  const admin = {
    describeTopics: async () => [
      { item: 't', error: null, value: { name: 't', topicId: 'id', partitions: [partition(0, 1), partition(1, 2)] } },
    ],
    describeConfigs: async () => [],
    describeLogDirs: async () => [],
    listOffsets: async (queries: readonly OffsetQuery[], options: AdminOptions) => {
      asked.push(options)
      const refused = { code: Errors.NETWORK_EXCEPTION, name: 'NETWORK_EXCEPTION', message: 'connection refused', retriable: true }
      return queries.map((item) =>
        item.partition === 1 ? { item, error: refused, value: null } : { item, error: null, value: { offset: 7 } },
      )
    },
  } as unknown as Admin

  it('does not wait for it, and says that it is silent', async () => {
    const [report] = await topicReports(admin, ['t'])
    assert.deepEqual(
      asked.map(({ tellUnreachable }) => tellUnreachable),
      [true, true],
    )
    assert.deepEqual(
      report!.value!.partitions.map(({ endOffset, leaderSilent, unavailable }) => [endOffset, leaderSilent, unavailable]),
      [
        [7, false, false],
        [null, true, false],
      ],
    )
    const text = await topicText([report!.value!], plainStyle, { all: true, sections: undefined })
    assert.match(text, /HEALTH {2}1 with a silent leader/)
    assert.match(text, /\n +1 +2 .*leader 2 does not answer\n/)
  })
})
