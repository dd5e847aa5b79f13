import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { oneUuid, zeroUuid } from '../../src/base/index.ts'
import { ClientTelemetry, type TelemetryClient, TelemetryCounter, type TelemetryPush } from '../../src/broker/client-telemetry.ts'
import { type Clock, type Random, silentJournal } from '../../src/host/index.ts'
import { Errors } from '../../src/protocol/index.ts'

const MAX_BYTES = 1000
const ID = 'AAAAAAAAAAAAAAAAAAAAZA'

const world = () => {
  let nowMs = 1
  let seed = 0
  const clock = { monotonic: () => nowMs } as unknown as Clock
  const random = { bytes: (count: number) => Buffer.alloc(count, ++seed) } as unknown as Random
  const pushes: TelemetryPush[] = []
  const counter = new TelemetryCounter()
  const receiver = { received: (push: TelemetryPush) => void pushes.push(push) }
  const telemetry = new ClientTelemetry({ clock, random }, silentJournal, MAX_BYTES, [counter, receiver])
  const client = (change: Partial<TelemetryClient> = {}): TelemetryClient => ({
    connectionId: 'c1',
    clientId: 'app-1',
    address: '10.0.0.7',
    port: 5000,
    software: { name: 'apache-kafka-java', version: '4.3.1' },
    ...change,
  })
  const subscribe = (name: string, texts: Record<string, string>): void => telemetry.subscribe(name, new Map(Object.entries(texts)))
  const ask = (id = ID, who = client()) => {
    const answer = telemetry.subscriptionOf(id, who)
    assert.ok(typeof answer !== 'number', `refused with ${answer}`)
    return answer
  }
  const push = (change: Partial<Parameters<ClientTelemetry['push']>[0]> = {}, who = client()) =>
    telemetry.push(
      { clientInstanceId: ID, subscriptionId: 0, terminating: false, compressionType: 0, metrics: Buffer.from('otlp'), ...change },
      who,
    )
  return { telemetry, counter, pushes, client, subscribe, ask, push, pass: (ms: number) => void (nowMs += ms) }
}

describe('a client asks for its subscription', () => {
  test('and gets an id when it has none yet', () => {
    const { telemetry, client } = world()
    const first = telemetry.subscriptionOf(zeroUuid, client())
    const second = telemetry.subscriptionOf(zeroUuid, client({ connectionId: 'c2' }))
    assert.ok(typeof first !== 'number' && typeof second !== 'number')
    assert.notEqual(first.clientInstanceId, zeroUuid)
    assert.notEqual(first.clientInstanceId, second.clientInstanceId)
  })

  test('nothing is wanted without subscriptions', () => {
    const answer = world().ask()
    assert.deepEqual(answer.requestedMetrics, [])
    assert.equal(answer.pushIntervalMs, 300_000)
    assert.deepEqual(answer.acceptedCompressionTypes, [4, 3, 1, 2])
    assert.equal(answer.telemetryMaxBytes, MAX_BYTES)
    assert.equal(answer.deltaTemporality, true)
  })

  test('subscriptions that match add up, and the shortest interval counts', () => {
    const { subscribe, ask } = world()
    subscribe('a', { metrics: 'org.apache.kafka.producer.,common', 'interval.ms': '5000', match: 'client_software_name=apache.*' })
    subscribe('b', { metrics: 'common', 'interval.ms': '1000' })
    subscribe('c', { metrics: 'never', 'interval.ms': '100', match: 'client_id=other' })
    const answer = ask()
    assert.deepEqual([...answer.requestedMetrics].sort(), ['common', 'org.apache.kafka.producer.'])
    assert.equal(answer.pushIntervalMs, 1000)
  })

  test('who wants everything gets only the star', () => {
    const { subscribe, ask } = world()
    subscribe('a', { metrics: 'x,y' })
    subscribe('b', { metrics: '*' })
    assert.deepEqual(ask().requestedMetrics, ['*'])
  })

  test('a pattern matches the whole of a value, and all patterns must', () => {
    const wanted = (match: string) => {
      const { subscribe, ask } = world()
      subscribe('s', { metrics: 'm', match })
      return ask().requestedMetrics.length > 0
    }
    assert.equal(wanted('client_id=app'), false)
    assert.equal(wanted('client_id=app-\\d'), true)
    assert.equal(wanted('client_id=(?i)APP-1'), true)
    assert.equal(wanted('client_id=app-1,client_source_port=5000,client_source_address=10\\..*'), true)
    assert.equal(wanted('client_id=app-1,client_source_port=5001'), false)
    assert.equal(wanted(`client_instance_id=${ID}`), true)
    assert.equal(wanted('client_software_version=4\\.3\\..*'), true)
  })

  test('a pattern of Java that cannot be read matches nobody', () => {
    const { subscribe, ask } = world()
    subscribe('s', { metrics: 'm', match: 'client_id=a++' })
    assert.deepEqual(ask().requestedMetrics, [])
  })

  test('too early is throttled, but not when subscriptions have changed', () => {
    const { telemetry, client, subscribe, ask, pass } = world()
    const { subscriptionId } = ask()
    assert.equal(telemetry.subscriptionOf(ID, client()), Errors.THROTTLING_QUOTA_EXCEEDED)
    subscribe('s', { metrics: 'm', 'interval.ms': '100' })
    assert.notEqual(ask().subscriptionId, subscriptionId)
    assert.equal(telemetry.subscriptionOf(ID, client()), Errors.THROTTLING_QUOTA_EXCEEDED)
    pass(100)
    ask()
    subscribe('s', {})
    assert.equal(ask().subscriptionId, subscriptionId)
    assert.equal(telemetry.counts.throttled, 2)
  })

  test('an id depends on metrics, interval and client, as Kafka computes it', () => {
    const id = (metrics: string, intervalMs: number): number => {
      const { subscribe, ask } = world()
      subscribe('s', { metrics, 'interval.ms': String(intervalMs) })
      return ask().subscriptionId
    }
    // java.util.zip.CRC32C of "[*]100", mixed with the client's hash, which is 100.
    assert.equal(id('*', 100), 899_611_809 ^ 100)
    // The same of a HashSet's text with these names in Java's order, and 5000.
    const names = 'org.apache.kafka.producer.,org.apache.kafka.consumer.fetch,connection.creation,a,b,zz,org.apache.kafka.admin.'
    assert.equal(id(`${names},x1,x2,x3,x4,x5,x6,x7`, 5000), 1_873_669_500 ^ 100)
  })
})

describe('a client pushes', () => {
  const subscribed = () => {
    const all = world()
    all.subscribe('s', { metrics: '*', 'interval.ms': '1000' })
    return { ...all, subscriptionId: all.ask().subscriptionId }
  }

  test('and receivers get it, unpacked', () => {
    const { push, pushes, counter, subscriptionId, pass } = subscribed()
    assert.equal(push({ subscriptionId, compressionType: 1, metrics: gzipSync('metrics') }), Errors.NONE)
    pass(1000)
    assert.equal(push({ subscriptionId, compressionType: 4, metrics: zstdCompressSync(Buffer.from('more')) }), Errors.NONE)
    assert.deepEqual(
      pushes.map(({ metrics }) => metrics.toString()),
      ['metrics', 'more'],
    )
    assert.deepEqual(counter.all(), [{ software: 'apache-kafka-java', version: '4.3.1', pushes: 2, bytes: 11 }])
  })

  test('nothing: that is no push for receivers', () => {
    const { push, pushes, subscriptionId } = subscribed()
    assert.equal(push({ subscriptionId, metrics: Buffer.alloc(0) }), Errors.NONE)
    assert.equal(pushes.length, 0)
  })

  test('too early: throttled, unless it is the last push', () => {
    const { push, subscriptionId } = subscribed()
    assert.equal(push({ subscriptionId }), Errors.NONE)
    assert.equal(push({ subscriptionId }), Errors.THROTTLING_QUOTA_EXCEEDED)
    assert.equal(push({ subscriptionId, terminating: true }), Errors.NONE)
    assert.equal(push({ subscriptionId, terminating: true }), Errors.INVALID_REQUEST, 'after the last push there is none')
  })

  test('with an id that is not its subscription’s: it has to ask again, and may at once', () => {
    const { push, ask, telemetry, subscriptionId } = subscribed()
    assert.equal(push({ subscriptionId: subscriptionId + 1 }), Errors.UNKNOWN_SUBSCRIPTION_ID)
    assert.equal(telemetry.counts.unknownSubscription, 1)
    assert.equal(ask().subscriptionId, subscriptionId)
  })

  test('what cannot be taken', () => {
    const refused = (change: Parameters<ReturnType<typeof world>['push']>[0]) => {
      const { push, pushes, subscriptionId } = subscribed()
      const error = push({ subscriptionId, ...change })
      assert.equal(pushes.length, 0)
      return error
    }
    assert.equal(refused({ clientInstanceId: zeroUuid }), Errors.INVALID_REQUEST)
    assert.equal(refused({ clientInstanceId: oneUuid }), Errors.INVALID_REQUEST)
    assert.equal(refused({ compressionType: 5 }), Errors.UNSUPPORTED_COMPRESSION_TYPE)
    assert.equal(refused({ compressionType: -1 }), Errors.UNSUPPORTED_COMPRESSION_TYPE)
    assert.equal(refused({ metrics: Buffer.alloc(MAX_BYTES + 1) }), Errors.TELEMETRY_TOO_LARGE)
    assert.equal(refused({ compressionType: 1 }), Errors.INVALID_RECORD, 'no gzip')
    assert.equal(refused({ compressionType: 1, metrics: gzipSync(Buffer.alloc(MAX_BYTES + 1)) }), Errors.INVALID_RECORD, 'a bomb')
  })

  test('a receiver that fails makes the push fail, and nothing else', () => {
    const clock = { monotonic: () => 1 } as unknown as Clock
    const receiver = {
      received: () => {
        throw new Error('full')
      },
    }
    const telemetry = new ClientTelemetry({ clock, random: {} as Random }, silentJournal, MAX_BYTES, [receiver])
    const client = world().client()
    const answer = telemetry.subscriptionOf(ID, client)
    assert.ok(typeof answer !== 'number')
    const push = { clientInstanceId: ID, terminating: false, compressionType: 0, metrics: Buffer.from('m') }
    assert.equal(telemetry.push({ ...push, subscriptionId: answer.subscriptionId }, client), Errors.INVALID_RECORD)
    assert.equal(telemetry.counts.receiverErrors, 1)
  })
})

describe('what is remembered', () => {
  test('ends with the connection', () => {
    const { telemetry, ask } = world()
    ask()
    telemetry.disconnected('c1')
    assert.equal(telemetry.instanceCount, 0)
    ask()
  })

  test('ends when a client was not heard of for three intervals', () => {
    const { telemetry, ask, subscribe, pass } = world()
    subscribe('s', { metrics: 'm', 'interval.ms': '30000' })
    ask()
    pass(90_001)
    ask('AAAAAAAAAAAAAAAAAAAAZQ')
    assert.equal(telemetry.instanceCount, 1)
  })

  test('is bounded, whatever clients send', () => {
    const { telemetry, client } = world()
    const id = (count: number): string => {
      const bytes = Buffer.alloc(16, 1)
      bytes.writeUInt32BE(count, 4)
      return bytes.toString('base64url')
    }
    for (let count = 0; count < 16_400; count++) telemetry.subscriptionOf(id(count), client({ connectionId: String(count) }))
    assert.equal(telemetry.instanceCount, 16_384)
    assert.equal(telemetry.subscriptionOf(id(16_399), client()), Errors.THROTTLING_QUOTA_EXCEEDED, 'the latest are known')
    assert.notEqual(telemetry.subscriptionOf(id(0), client()), Errors.THROTTLING_QUOTA_EXCEEDED, 'the first are not')
  })

  test('names of software are bounded too', () => {
    const counter = new TelemetryCounter()
    for (let count = 0; count < 1000; count++) {
      const client = world().client({ software: { name: `client-${count}`, version: '1' } })
      counter.received({ client, clientInstanceId: ID, metrics: Buffer.from('m'), pushIntervalMs: 1, isTerminating: false })
    }
    assert.ok(counter.all().length <= 257)
    assert.equal(counter.all().find(({ software }) => software === 'other')?.pushes, 1000 - 256)
  })
})
