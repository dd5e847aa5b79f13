import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ApiHandler, CLOSE, NO_REPLY, type RequestContext } from '../../src/broker/api-handler.ts'
import { BrokerMetrics } from '../../src/broker/broker-metrics.ts'
import { Dispatcher } from '../../src/broker/dispatch.ts'
import { silentJournal } from '../../src/host/index.ts'
import { Apis, decode, Errors, KafkaError, type Part, requestFrame } from '../../src/protocol/index.ts'
import { ApiVersionsRequest, ApiVersionsResponse } from '../../src/protocol/messages/api-versions.ts'
import { FetchRequest, FetchResponse } from '../../src/protocol/messages/fetch.ts'

/** One connection and one broker, of which only the handlers under test are real. */
const world = (handle: (context: RequestContext) => unknown) => {
  const events: string[] = []
  const replies: Buffer[] = []
  const errors: string[] = []
  const rest = { handle: (_request: unknown, context: RequestContext) => handle(context), refuse: (errorCode: number) => ({ errorCode }) }
  const handlers = [
    { api: Apis.ApiVersions, request: ApiVersionsRequest, response: ApiVersionsResponse, ...rest },
    { api: Apis.Fetch, request: FetchRequest, response: FetchResponse, ...rest },
  ] as unknown as ApiHandler[]
  const broker = {
    journal: { ...silentJournal, error: (message: string) => void errors.push(message) },
    host: { clock: { monotonic: () => 0 } },
    metrics: new BrokerMetrics(),
  }
  const connection = {
    ...{ number: 5, listener: { name: 'PLAINTEXT', securityProtocol: 'PLAINTEXT' }, remote: { host: '1.2.3.4', port: 5 } },
    destroy: () => void events.push('closed'),
    respond(parts: readonly Part[] | undefined) {
      events.push(parts === undefined ? 'no answer' : 'answered')
      if (parts !== undefined) replies.push(Buffer.concat(parts as Buffer[]))
    },
  }
  const dispatcher = new Dispatcher(handlers, broker as never, 'broker')
  const send = (frame: Buffer): void => dispatcher.accept(connection as never, frame)
  return { send, events, replies, errors }
}

const fetchFrame = (version = 17): Buffer => (requestFrame(Apis.Fetch, version, 9, 'client', FetchRequest, {})[0] as Buffer).subarray(4)
const header = (apiKey: number, version: number): Buffer => {
  const bytes = Buffer.alloc(40)
  bytes.writeInt16BE(apiKey, 0)
  bytes.writeInt16BE(version, 2)
  bytes.writeInt32BE(9, 4)
  return bytes.subarray(0, 30)
}
const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))

test('frames that cannot be understood close the connection: unknown APIs and versions, APIs of other listeners, cut and empty ones', () => {
  const frames = [header(999, 0), header(-1, 0), header(1, 99), header(1, -1), header(Apis.Vote.key, 0), header(Apis.Produce.key, 9)]
  for (const frame of [...frames, Buffer.alloc(0), Buffer.alloc(3), fetchFrame().subarray(0, 12), fetchFrame().subarray(0, -1)]) {
    const { send, events } = world(() => assert.fail('nothing to handle'))
    send(frame)
    assert.deepEqual(events, ['closed'], frame.toString('hex'))
  }
})

test('an unknown version of ApiVersions is answered in version 0, whatever follows the header', () => {
  const { send, events, replies } = world(() => assert.fail('nothing to handle'))
  const unreadable = header(Apis.ApiVersions.key, 99)
  unreadable.writeInt16BE(-1, 8)
  send(unreadable)
  assert.deepEqual(events, ['answered'])
  assert.equal(replies[0]!.readInt32BE(4), 9)
  assert.equal(decode(ApiVersionsResponse, 0, replies[0]!, 8).errorCode, Errors.UNSUPPORTED_VERSION)
})

test('bytes behind a request are let pass, as Kafka does', () => {
  const { send, events } = world(() => ({}))
  send(Buffer.concat([fetchFrame(), Buffer.from('more')]))
  assert.deepEqual(events, ['answered'])
})

test('what a handler throws, now or later, becomes the answer; only what is no Kafka error is a bug for the log', async () => {
  const failures: [() => unknown, number, number][] = [
    [
      () => {
        throw new KafkaError(Errors.NOT_CONTROLLER, 'no')
      },
      Errors.NOT_CONTROLLER,
      0,
    ],
    [() => Promise.reject(new KafkaError(Errors.NOT_CONTROLLER, 'no')), Errors.NOT_CONTROLLER, 0],
    [
      () => {
        throw new TypeError('bug')
      },
      Errors.UNKNOWN_SERVER_ERROR,
      1,
    ],
    [() => Promise.reject(new TypeError('bug')), Errors.UNKNOWN_SERVER_ERROR, 1],
  ]
  for (const [handle, code, logged] of failures) {
    const { send, events, replies, errors } = world(handle)
    send(fetchFrame())
    await turn()
    assert.deepEqual(events, ['answered'])
    assert.equal(decode(FetchResponse, 17, replies[0]!, 9).errorCode, code)
    assert.equal(errors.length, logged)
  }
})

test('an answer that cannot be said closes the connection, and gives back the files it was to send', async () => {
  for (const later of [false, true]) {
    let released = 0
    const records = { bytes: 100, read: () => 0, release: () => void released++ }
    const reply = { responses: [{ partitions: [{ records }, { highWatermark: 2 ** 60 }] }] }
    const { send, events, errors } = world(() => (later ? Promise.resolve(reply) : reply))
    send(fetchFrame())
    await turn()
    assert.deepEqual(events, ['closed'])
    assert.deepEqual(errors, ['closing a connection: an answer could not be encoded'])
    assert.equal(released, 1)
  }
})

test('an empty stretch of a file is not sent, and given back', () => {
  let released = 0
  const records = { bytes: 0, read: () => 0, release: () => void released++ }
  const { send, events } = world(() => ({ responses: [{ partitions: [{ records }] }] }))
  send(fetchFrame())
  assert.deepEqual(events, ['answered'])
  assert.equal(released, 1)
})

test('a handler may leave a request unanswered, or close its connection', () => {
  const silent = world(() => NO_REPLY)
  silent.send(fetchFrame())
  assert.deepEqual(silent.events, ['no answer'])
  const closing = world(() => CLOSE)
  closing.send(fetchFrame())
  assert.deepEqual(closing.events, ['closed'])
})
