import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { childrenOf, DerError, octetsOf, readDer } from '../../src/security/der.ts'
import { decipherRc2 } from '../../src/security/rc2.ts'

describe('RC2', () => {
  it('deciphers with keys of 40 and 128 bits (by openssl enc -provider legacy)', () => {
    const decipher = (key: string, enciphered: string): string =>
      decipherRc2(Buffer.from(key, 'hex'), Buffer.from('1112131415161718', 'hex'), Buffer.from(enciphered, 'hex')).toString()
    assert.equal(decipher('0102030405', '77dede320ca6af393fa9cea9f2d6ef02354f0c1b7f56276a'), 'what nobody should see')
    assert.equal(decipher('000102030405060708090a0b0c0d0e0f', 'c108521a1d11f6b114bb004fc23503ca47856f1ca98a2d42'), 'what nobody should see')
  })

  it('refuses what cannot be', () => {
    assert.throws(() => decipherRc2(Buffer.alloc(5), Buffer.alloc(8), Buffer.alloc(7)), RangeError)
    assert.throws(() => decipherRc2(Buffer.alloc(5), Buffer.alloc(8), Buffer.alloc(8)), RangeError)
  })
})

describe('DER', () => {
  it('is read with indefinite lengths and strings in pieces, as Bouncy Castle writes PKCS 12', () => {
    const value = readDer(Buffer.from('3080 2480 040161 04026263 0000 020105 0000 ff'.replaceAll(' ', ''), 'hex'))
    const [text, number] = childrenOf(value)
    assert.equal(octetsOf(text).toString(), 'abc')
    assert.equal(number!.content[0], 5)
    assert.equal(value.whole.length, 18)
  })

  it('that ends early, or nests without end, is refused', () => {
    for (const hex of ['', '30', '3005', '308', '30850000000001', '3080', '3f0100', '30847fffffff'])
      assert.throws(() => readDer(Buffer.from(hex, 'hex')), DerError, hex)
    assert.throws(() => readDer(Buffer.alloc(10_000, Buffer.from('3080', 'hex'))), DerError)
  })
})
