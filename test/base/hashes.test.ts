import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { shortCrc32c } from '../../src/base/crc32c.ts'
import { crc32c, javaAbs, javaStringHash, murmur2, parseUuid, randomUuid, uuidAt, uuidHash, writeUuid } from '../../src/base/index.ts'

/** Computed by Apache Kafka 4.3.1's own classes (Utils.murmur2, Crc32C, String.hashCode, Utils.abs, Uuid). */
interface Vectors {
  murmur2: [hex: string, hash: number][]
  crc32c: [hex: string, sum: number][]
  javaHash: [text: string, hash: number, abs: number][]
  uuid: [hex: string, base64: string, hash: number][]
}
const vectors = JSON.parse(gunzipSync(readFileSync(new URL('../vectors/hashes.json.gz', import.meta.url))).toString()) as Vectors

test('murmur2 gives the hashes of Kafka', () => {
  assert.ok(vectors.murmur2.length > 200)
  for (const [hex, hash] of vectors.murmur2) assert.equal(murmur2(Buffer.from(hex, 'hex')), hash, hex)
})

test('murmur2 of a slice is that of its bytes alone', () => {
  const bytes = Buffer.from('xxorder:42yyyy')
  assert.equal(murmur2(bytes, 2, 10), murmur2(Buffer.from('order:42')))
})

test('crc32c gives the sums of Kafka, in native code and without', () => {
  assert.ok(vectors.crc32c.length > 200)
  for (const [hex, sum] of vectors.crc32c) {
    const bytes = Buffer.from(hex, 'hex')
    assert.equal(crc32c(bytes), sum, hex)
    assert.equal(shortCrc32c(bytes, 0, bytes.length), sum, hex)
  }
})

test('crc32c of two parts one after the other is that of the whole', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), fc.nat(600), fc.nat(20), (raw, cutAt, from) => {
      const bytes = Buffer.from(raw)
      const start = Math.min(from, bytes.length)
      const cut = Math.max(start, Math.min(cutAt, bytes.length))
      const whole = shortCrc32c(bytes, start, bytes.length)
      assert.equal(crc32c(bytes, start), whole)
      assert.equal(crc32c(bytes, cut, bytes.length, crc32c(bytes, start, cut)), whole)
    }),
  )
})

test('javaStringHash and javaAbs give those of Java', () => {
  for (const [text, hash, abs] of vectors.javaHash) {
    assert.equal(javaStringHash(text), hash, text)
    assert.equal(javaAbs(hash), abs, text)
  }
  assert.equal(javaAbs(-0x80000000), 0)
})

test('a uuid has one form of 22 characters, and its hash is that of Kafka', () => {
  for (const [hex, base64, hash] of vectors.uuid) {
    const bytes = Buffer.from(hex, 'hex')
    assert.equal(uuidAt(bytes, 0), base64)
    assert.equal(uuidHash(base64), hash)
    const written = Buffer.alloc(18)
    writeUuid(base64, written, 1)
    assert.equal(written.toString('hex'), `00${hex}00`)
    assert.equal(parseUuid(base64), base64)
    assert.equal(parseUuid(`${base64}==`), base64)
  }
  for (const text of ['', 'short', 'AAAAAAAAAAAAAAAAAAAAAAA', 'AAAAAAAAAAAAAAAAAAAAA!', 'AAAAAAAAAAA/AAAAAAAAAA'])
    assert.equal(parseUuid(text), undefined, text)
})

test('a random uuid is of version 4 and never starts like a flag', () => {
  const dashFirst = [0xf8, 0xf9, 0xfa, 0xfb, 0x10]
  let calls = 0
  const uuid = randomUuid({ bytes: (count) => Buffer.alloc(count, dashFirst[calls++]) })
  assert.equal(calls, 5)
  assert.equal(Buffer.from(uuid, 'base64url').toString('hex'), '10101010101040109010101010101010')
})
