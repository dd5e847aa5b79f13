import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { describe, test } from 'node:test'
import { startApacheKafka } from './apache-kafka.ts'
import { runJava } from './java-program.ts'
import { withoutApache } from './kafka-home.ts'

describe('the reference: Apache Kafka in a process of its own', { skip: withoutApache }, () => {
  test('starts on free ports, serves its own tools and our Java programs, stops cleanly', async () => {
    await using kafka = await startApacheKafka({ properties: { 'num.partitions': 3 } })
    const created = await kafka.tool('topics', ['--create', '--topic', 'reference', '--partitions', '1'])
    assert.equal(created.stdout, 'Created topic reference.\n')
    const { code, stdout, stderr } = await runJava('Roundtrip', [kafka.bootstrap, 'reference', '3'])
    assert.equal(code, 0, stderr)
    assert.equal(stdout, 'v0\nv1\nv2\n')
    await kafka.stop()
    assert.equal(existsSync(kafka.folder), false)
  })
})
