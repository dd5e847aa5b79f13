import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { collect } from '../apache/java-program.ts'
import { withoutApache } from '../apache/kafka-home.ts'
import { runTool, type Tool } from '../apache/tools.ts'
import { type RunningBroker, runBroker } from '../broker/broker-fixture.ts'
import { RecordingJournal } from '../broker/recording-journal.ts'
import { hasCommand } from './client-cache.ts'

const license = join(import.meta.dirname, '../../LICENSE')
const launcher = join(import.meta.dirname, '../../bin/dev.js')
/** A record a line. kcat sends none for an empty line. */
const text = readFileSync(license, 'utf8').replaceAll(/\n+/g, '\n').trim()

describe("Apache Kafka's tools", { skip: withoutApache }, () => {
  const journal = new RecordingJournal()
  let broker: RunningBroker
  before(async () => {
    broker = await runBroker({}, { journal })
  })
  after(() => broker?.[Symbol.asyncDispose]())
  after(() => assert.deepEqual(journal.failures, []))

  /** What it says; a tool that fails fails the test. */
  const tool = async (name: Tool, args: readonly string[], stdin?: string): Promise<string> => {
    const { code, stdout, stderr } = await runTool(
      name,
      ['--bootstrap-server', broker.bootstrap, ...args],
      stdin === undefined ? {} : { stdin },
    )
    assert.equal(code, 0, `${name} ${args.join(' ')}\n${stdout}\n${stderr}`)
    return stdout
  }
  const run = async (command: string, args: readonly string[], stdin?: string): Promise<string> => {
    const { code, stdout, stderr } = await collect(spawn(command, args), command, stdin === undefined ? {} : { stdin })
    assert.equal(code, 0, stderr)
    return stdout
  }

  it('carry a text file, and so do kcat and tkafka: same bytes', async () => {
    const lineCount = text.split('\n').length
    const writers: Record<string, (topic: string) => Promise<unknown>> = {
      console: (topic) => tool('console-producer', ['--topic', topic, '--compression-codec', 'zstd'], `${text}\n`),
      tkafka: (topic) => run(process.execPath, [launcher, 'produce', topic, '-b', broker.bootstrap], `${text}\n`),
    }
    const readers: Record<string, (topic: string) => Promise<string>> = {
      console: (topic) => tool('console-consumer', ['--topic', topic, '--from-beginning', '--max-messages', String(lineCount)]),
      tkafka: (topic) =>
        run(process.execPath, [
          launcher,
          'consume',
          topic,
          '-b',
          broker.bootstrap,
          '--from-beginning',
          '--max-messages',
          String(lineCount),
        ]),
    }
    if (hasCommand('kcat', '-V')) {
      writers.kcat = (topic) => run('kcat', ['-b', broker.bootstrap, '-P', '-t', topic], `${text}\n`)
      readers.kcat = (topic) => run('kcat', ['-b', broker.bootstrap, '-C', '-t', topic, '-e', '-q'])
    }
    for (const [writer, write] of Object.entries(writers)) {
      const topic = `text-by-${writer}`
      await write(topic)
      for (const [reader, read] of Object.entries(readers)) {
        assert.equal((await read(topic)).trimEnd(), text, `written by ${writer}, read by ${reader}`)
      }
    }
  })

  it('create, describe, widen and delete topics', async () => {
    await tool('topics', ['--create', '--topic', 'made', '--partitions', '2', '--config', 'retention.ms=1000000'])
    const described = await tool('topics', ['--describe', '--topic', 'made'])
    assert.match(described, /PartitionCount: 2\s+ReplicationFactor: 1\s+Configs: .*retention\.ms=1000000/)
    assert.match(described, /Partition: 1\s+Leader: 1\s+Replicas: 1\s+Isr: 1/)
    await tool('topics', ['--alter', '--topic', 'made', '--partitions', '3'])
    assert.match(await tool('topics', ['--describe', '--topic', 'made']), /PartitionCount: 3/)
    await tool('topics', ['--delete', '--topic', 'made'])
    assert.doesNotMatch(await tool('topics', ['--list']), /^made$/m)
  })

  it('alter settings of topics, brokers and client quotas', async () => {
    await tool('topics', ['--create', '--topic', 'set'])
    await tool('configs', [
      '--alter',
      '--entity-type',
      'topics',
      '--entity-name',
      'set',
      '--add-config',
      'cleanup.policy=[compact,delete],retention.ms=99',
    ])
    const ofTopic = await tool('configs', ['--describe', '--entity-type', 'topics', '--entity-name', 'set'])
    assert.match(ofTopic, /cleanup\.policy=compact,delete sensitive=false/)
    assert.match(ofTopic, /retention\.ms=99 sensitive=false synonyms=\{DYNAMIC_TOPIC_CONFIG:retention\.ms=99/)
    await tool('configs', ['--alter', '--entity-type', 'brokers', '--entity-default', '--add-config', 'log.retention.ms=5000000'])
    assert.match(await tool('configs', ['--describe', '--entity-type', 'brokers', '--entity-default']), /log\.retention\.ms=5000000/)
    await tool('configs', ['--alter', '--entity-type', 'clients', '--entity-name', 'app', '--add-config', 'producer_byte_rate=1000'])
    assert.match(await tool('configs', ['--describe', '--entity-type', 'clients', '--entity-name', 'app']), /producer_byte_rate=1000/)
  })

  it('tell, reset and delete groups and offsets', async () => {
    await tool('console-producer', ['--topic', 'grouped'], 'a\nb\nc\n')
    assert.equal(await tool('get-offsets', ['--topic', 'grouped']), 'grouped:0:3\n')
    await tool('console-consumer', ['--topic', 'grouped', '--group', 'g', '--from-beginning', '--max-messages', '3'])
    assert.match(await tool('consumer-groups', ['--describe', '--group', 'g']), /^g\s+grouped\s+0\s+3\s+3\s+0\s/m)
    await tool('consumer-groups', ['--reset-offsets', '--group', 'g', '--topic', 'grouped', '--to-offset', '1', '--execute'])
    assert.match(await tool('consumer-groups', ['--describe', '--group', 'g']), /^g\s+grouped\s+0\s+1\s+3\s+2\s/m)
    assert.match(await tool('groups', ['--list']), /^g\s+Classic\s+consumer/m)
    await tool('consumer-groups', ['--delete', '--group', 'g'])
    assert.doesNotMatch(await tool('consumer-groups', ['--list']), /^g$/m)
  })

  it('describe the cluster, its features, its quorum and its disks', async () => {
    const { stdout } = await runTool('cluster', ['cluster-id', '--bootstrap-server', broker.bootstrap])
    assert.match(stdout, new RegExp(`Cluster ID: ${broker.broker.clusterId}`))
    assert.match(await tool('features', ['describe']), /Feature: metadata\.version.*FinalizedVersionLevel: 4\.3-IV0/)
    assert.match(await tool('metadata-quorum', ['describe', '--status']), /LeaderId:\s+1/)
    assert.match(await tool('log-dirs', ['--describe']), /"partition":"set-0"/)
    assert.match(await tool('broker-api-versions', []), /Produce\(0\): 0 to 13 \[usable: 13\]/)
  })
})
