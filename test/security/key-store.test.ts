import assert from 'node:assert/strict'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { KeyStoreError, openKeyStore } from '../../src/security/index.ts'
import { storeAt } from './stores.ts'

const read = (name: string): Buffer => readFileSync(storeAt(name))
const subjectOf = (bytes: Buffer): string => new X509Certificate(bytes).subject.replaceAll('\n', ',')
const authority = 'O=tkafka,CN=tkafka test authority'
const failure = (kind: string) => (error: unknown) => error instanceof KeyStoreError && error.kind === kind

describe('a trust store', () => {
  for (const name of ['trust.jks', 'trust.p12', 'trust-legacy.p12', 'trust-openssl.p12']) {
    it(`${name} holds the authority, and its password is checked`, () => {
      const { trusted, keys } = openKeyStore(read(name), 'trust-secret')
      assert.deepEqual(trusted.map(subjectOf), [authority])
      assert.deepEqual(keys, [])
      assert.throws(() => openKeyStore(read(name), 'Trust-secret'), failure('password'))
    })
  }

  it('in JKS is read without its password; in PKCS12 what is enciphered stays shut', () => {
    assert.deepEqual(openKeyStore(read('trust.jks'), undefined).trusted.map(subjectOf), [authority])
    assert.deepEqual(openKeyStore(read('trust.p12'), undefined).trusted, [])
  })
})

describe('a key store', () => {
  const certificate = new X509Certificate(read('client.pem'))
  for (const [name, keyPassword] of Object.entries({
    'client.jks': 'key-secret',
    'client.p12': 'client-secret',
    'client-legacy.p12': 'client-secret',
    'client-openssl.p12': 'client-secret',
  })) {
    it(`${name} holds a key that fits the first certificate of its chain`, () => {
      const { keys, trusted } = openKeyStore(read(name), 'client-secret')
      assert.deepEqual(trusted, [])
      assert.equal(keys.length, 1)
      const { chain, open } = keys[0]!
      assert.deepEqual(chain.map(subjectOf), ['O=tkafka,CN=client', authority])
      assert.ok(certificate.checkPrivateKey(createPrivateKey({ key: open(keyPassword), format: 'der', type: 'pkcs8' })))
    })

    it(`${name} keeps its key from others`, () => {
      assert.throws(() => openKeyStore(read(name), 'x'), failure('password'))
      const { keys } = openKeyStore(read(name), 'client-secret')
      assert.throws(() => keys[0]!.open('x'), /cannot be deciphered/)
    })
  }
})

describe('a file that is no key store', () => {
  it('is told for what it is', () => {
    assert.throws(() => openKeyStore(read('client.pem'), 'x'), /PEM file/)
    assert.throws(() => openKeyStore(Buffer.from('cececece00000002', 'hex'), 'x'), /JCEKS/)
    assert.throws(() => openKeyStore(Buffer.alloc(0), 'x'), failure('unknown'))
    assert.throws(() => openKeyStore(Buffer.from('hello world'), 'x'), failure('unknown'))
  })

  it('or a damaged one, ends with an error of its own, wherever the damage is', () => {
    // Without a password no digest comes first: what is read is what is damaged.
    for (const name of ['trust.jks', 'client.jks', 'client.p12', 'trust-openssl.p12', 'client-legacy.p12']) {
      const whole = read(name)
      fc.assert(
        fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), fc.boolean(), (at, change, isCut) => {
          const bytes = isCut ? whole.subarray(0, at) : Buffer.from(whole)
          if (!isCut) bytes[at]! ^= change
          try {
            openKeyStore(bytes, undefined)
          } catch (error) {
            assert.ok(error instanceof KeyStoreError, `${name}: ${(error as Error).stack}`)
          }
        }),
      )
    }
  })
})
