import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { codecOf } from '../../src/protocol/codec.ts'
import { findMessage, Reader } from '../../src/protocol/index.ts'
import { bytesToJson, type Json, jsonToBytes, parseJson, stringifyJson } from '../../src/protocol/json.ts'
import { Writer } from '../../src/protocol/writer.ts'

// Bytes made by the generated classes of Apache Kafka 4.3.1, with the JSON that its own converters give.
interface Vector {
  message: string
  version: number
  variant: 'default' | 'filled' | 'nulls' | 'long' | 'unknown-tags'
  json?: Json
  hex: string
}
const folder = new URL('../vectors/messages/', import.meta.url)
const vectorsOf = (file: string): Vector[] =>
  gunzipSync(readFileSync(new URL(file, folder)))
    .toString()
    .trim()
    .split('\n')
    .map((line) => parseJson(line) as unknown as Vector)

/** Long texts: say where they part instead of printing both. */
const same = (actual: string, expected: string, what: string): void => {
  if (actual === expected) return
  let at = 0
  while (actual[at] === expected[at]) at++
  assert.fail(
    `${what}: differs at ${at}: …${actual.slice(Math.max(0, at - 20), at + 40)} instead of …${expected.slice(Math.max(0, at - 20), at + 40)}`,
  )
}

for (const file of readdirSync(folder)) {
  test(`every vector of ${file} decodes to Kafka's JSON and encodes back to its bytes`, async () => {
    for (const { message, version, variant, json, hex } of vectorsOf(file)) {
      const schema = await findMessage(message)
      assert.ok(schema, message)
      const what = `${message} version ${version} ${variant}`
      const bytes = Buffer.from(hex, 'hex')
      if (json !== undefined) {
        same(stringifyJson(bytesToJson(schema, version, bytes)), stringifyJson(json), what)
        if (variant !== 'unknown-tags') same(jsonToBytes(schema, version, json).toString('hex'), hex, what)
      }
      for (const exact of [true, false]) {
        if (!exact && variant === 'long') continue // full 64-bit numbers: the hot codec refuses to round them
        const codec = codecOf(schema, version, exact)
        const writer = new Writer()
        codec.write(writer, codec.read(new Reader(bytes)))
        same(writer.finishBytes().toString('hex'), hex, `${what} ${exact ? 'exact' : 'hot'} round trip`)
      }
    }
  })
}
