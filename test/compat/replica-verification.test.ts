import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { compareReplicas } from '../../src/compat/tools/replica-comparison.ts'
import { BatchBuilder } from '../../src/records/index.ts'
import { runBroker } from '../broker/broker-fixture.ts'
import { run } from '../cli/run-command.ts'

const batch = (baseOffset: number, ...values: string[]): Buffer => {
  const builder = new BatchBuilder({ baseOffset })
  for (const value of values) builder.append(0, null, Buffer.from(value))
  return Buffer.from(builder.close())
}
const replica = (highWatermark: number, ...batches: Buffer[]) => ({ records: Buffer.concat(batches), highWatermark })
const compared = (...replicas: ReturnType<typeof replica>[]) =>
  compareReplicas(new Map(replicas.map((each, index) => [index + 1, each])), 5)

describe('replicas side by side', () => {
  const [one, two, three] = [batch(5, 'a', 'b'), batch(7, 'c'), batch(8, 'd')]

  it('are equal as far as all of them have it below their high watermarks', () => {
    assert.deepEqual(compared(replica(9, one, two, three), replica(9, one, two)), { nextOffset: 8, findings: [] })
    assert.deepEqual(compared(replica(8, one, two, three), replica(9, one, two, three)), { nextOffset: 8, findings: [] })
    assert.deepEqual(compared(replica(9, one, two), replica(-1)), { nextOffset: 5, findings: [] })
    assert.deepEqual(compared(), { nextOffset: 5, findings: [] })
  })

  it('differ in a checksum, and are looked at further', () => {
    const { nextOffset, findings } = compared(replica(9, one, two, three), replica(9, one, batch(7, 'x'), three))
    assert.equal(nextOffset, 9)
    assert.deepEqual(
      findings.map(({ kind, replica, otherReplica }) => [kind, replica, otherReplica]),
      [['checksum', 1, 2]],
    )
  })

  it('differ in offsets, which ends it', () => {
    const { nextOffset, findings } = compared(replica(9, one, two), replica(9, one, batch(7, 'c', 'd')))
    assert.equal(nextOffset, 7)
    assert.deepEqual(findings, [{ kind: 'offset', replica: 1, offset: 7, otherReplica: 2, otherOffset: 8 }])
  })
})

it('kafka-replica-verification reports the largest lag until it is stopped', async () => {
  await using broker = await runBroker()
  const at = ['--bootstrap-server', broker.bootstrap]
  await run(['compat', 'kafka-topics', ...at, '--create', '--topic', 'seen', '--partitions', '1'])
  await run(['compat', 'kafka-console-producer', ...at, '--topic', 'seen'], { stdin: 'one\ntwo\n' })
  const words = ['--broker-list', broker.bootstrap, '--topics-include', 'seen', '--time', '-2']
  const stop = AbortSignal.timeout(1500)
  const { stdout, stderr } = await run(
    ['compat', 'kafka-replica-verification', ...words, '--report-interval-ms', '10', '--max-wait-ms', '50'],
    { stop },
  )
  const time = '\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d,\\d{3}'
  const line = `${time}: max lag is 0 for partition seen-0 at offset 2 among 1 partitions\n`
  assert.match(stdout, new RegExp(`^${time}: verification process is started\n(?:${line})+$`))
  assert.match(
    stderr,
    /^\[.*\] WARN This tool is deprecated and may be removed in a future major release\. \(org\.apache\.kafka\.tools\.ReplicaVerificationTool\)\n$/,
  )
  const none = await run(['compat', 'kafka-replica-verification', '--broker-list', broker.bootstrap, '--topics-include', 'nope'])
  assert.deepEqual([none.code, none.stdout], [1, ''])
  assert.match(
    none.stderr,
    /ERROR No topics found\. \[topics-include\] if specified, is either filtering out all topics or there is no topic\. /,
  )
})
