import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { parseJson, stringifyJson } from '../../src/protocol/index.ts'
import { run } from './run-command.ts'

const folder = new URL('../vectors/messages/', import.meta.url)
const linesOf = (file: string): { [key: string]: unknown }[] =>
  gunzipSync(readFileSync(new URL(file, folder)))
    .toString()
    .trim()
    .split('\n')
    .map((line) => parseJson(line) as never)

describe('debug decode and encode', () => {
  for (const file of readdirSync(folder)) {
    it(`answer every vector of ${file} line by line, in order`, async () => {
      // SubscriptionInfoData has no JSON of Kafka's own.
      const vectors = linesOf(file).filter(({ json }) => json !== undefined)
      const toLines = (field: 'hex' | 'json', list: typeof vectors): string =>
        list.map(({ message, version, [field]: content }) => `${stringifyJson({ message, version, [field]: content })}\n`).join('')
      const decoded = await run(['debug', 'decode', '--input', 'ndjson'], { stdin: toLines('hex', vectors) })
      assert.equal(decoded.code, 0)
      assert.ok(decoded.stdout === toLines('json', vectors), 'the decoded lines are those of the vectors')
      const exact = vectors.filter(({ variant }) => variant !== 'unknown-tags')
      const encoded = await run(['debug', 'encode', '--input', 'ndjson'], { stdin: toLines('json', exact) })
      assert.equal(encoded.code, 0)
      assert.ok(encoded.stdout === toLines('hex', exact), 'the encoded lines are those of the vectors')
    })
  }

  it('keep 64-bit integers exact, as bare numbers', async () => {
    const hex = '7fffffffffffffff'.padStart(16, '0')
    const json = await run(['debug', 'decode', '--message', 'GetTelemetrySubscriptionsRequest', '--version', '0'], {
      stdin: `${'00'.repeat(16)}00`,
    })
    assert.equal(json.code, 0)
    const record = await run([
      'debug',
      'encode',
      '--message',
      'ProducerIdsRecord',
      '--version',
      '0',
      '{"brokerId":1,"brokerEpoch":9223372036854775807,"nextProducerId":-9223372036854775808}',
    ])
    assert.equal(record.stdout, `00000001${hex}800000000000000000\n`)
    const back = await run(['debug', 'decode', '--message', 'ProducerIdsRecord', '--json', record.stdout.trim()])
    assert.equal(back.stdout, '{"brokerId":1,"brokerEpoch":9223372036854775807,"nextProducerId":-9223372036854775808}\n')
  })

  it('a line that fails is answered with its error, the others go on, and the exit code tells', async () => {
    const lines = [
      '{"message":"HeartbeatResponse","version":0,"hex":"001b"}',
      '{"message":"HeartbeatResponse","version":0,"hex":"00"}',
      '{"message":"NoSuchRequest","version":1,"hex":""}',
      '{"message":"HeartbeatResponse","version":99,"hex":""}',
      '{"message":"HeartbeatResponse","version":0,"hex":"0x"}',
      'not json',
      '[]',
      '{"version":"a","message":"X","hex":"00"}',
      `${'['.repeat(100_000)}`,
      '{"message":"HeartbeatResponse","version":1,"hex":"00000001 001b"}',
    ]
    const { code, stdout, stderr } = await run(['debug', 'decode', '--input', 'ndjson'], { stdin: lines.join('\n') })
    const answers = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    assert.equal(code, 1)
    assert.equal(stderr, '')
    assert.equal(answers.length, lines.length)
    assert.deepEqual(answers[0], { message: 'HeartbeatResponse', version: 0, json: { errorCode: 27 } })
    assert.deepEqual(answers[9], { message: 'HeartbeatResponse', version: 1, json: { throttleTimeMs: 1, errorCode: 27 } })
    for (const [index, answer] of answers.entries()) if (![0, 9].includes(index)) assert.equal(typeof answer.error, 'string', lines[index])
    assert.deepEqual([answers[1].message, answers[1].version], ['HeartbeatResponse', 0])
    assert.match(answers[3].error, /0-4, not 99/)
  })

  it('a whole frame goes both ways, request and response', async () => {
    const body =
      '{"header":{"correlationId":7,"clientId":"c"},"body":{"groupId":"g","generationId":3,"memberId":"m","groupInstanceId":null}}'
    const request = await run(['debug', 'encode', '--frame', '--api', 'heartbeat', '--version', '4', body])
    assert.equal(request.stdout, '00000016000c00040000000700016300026700000003026d0000\n')
    const decoded = await run(['debug', 'decode', '--frame', request.stdout])
    assert.equal(JSON.parse(decoded.stdout).header.correlationId, 7)
    assert.deepEqual(JSON.parse(decoded.stdout).body, JSON.parse(body).body)
    const again = await run(['debug', 'encode', '--frame', decoded.stdout])
    assert.equal(again.stdout, request.stdout)
    const response = ['debug', 'decode', '--frame', '--api', '12', '--type', 'response', '--version', '4', '--json']
    const lying = await run([...response, '0000000d0000000700000000000000001b00'.slice(0, 32)])
    assert.equal(lying.code, 2, 'a size that lies is refused')
    const right = await run([...response, '0000000c000000070000000000001b00'])
    assert.deepEqual(JSON.parse(right.stdout).body, { throttleTimeMs: 0, errorCode: 27 })
  })

  it('wrong bytes, wrong digits, nothing at all: one line each, no trace', async () => {
    const api = ['debug', 'decode', '--api', 'Fetch', '--version', '17']
    for (const [hex, wanted] of [
      ['00', 1],
      ['zz', 2],
      ['0', 2],
      ['', 2],
    ] as const) {
      const { code, stdout, stderr } = await run(api, { stdin: hex })
      assert.equal(code, wanted, `hex ${JSON.stringify(hex)}: ${stderr}`)
      assert.equal(stdout, '')
      assert.doesNotMatch(stderr, /\n\s+at /)
    }
  })
})
