import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { ScramClient, ScramServer, SecurityError, scramCredential } from '../../src/security/index.ts'

/** From Apache Kafka 4.3.1: each a login with all that is said, and what the server keeps. */
interface Vector {
  readonly mechanism: 'SCRAM-SHA-256' | 'SCRAM-SHA-512'
  readonly user: string
  readonly password: string
  readonly iterations: number
  readonly salt: string
  readonly storedKey: string
  readonly serverKey: string
  readonly clientFirst: string
  readonly serverFirst: string
  readonly clientFinal: string
  readonly serverFinal: string
}
const vectors = JSON.parse(readFileSync(new URL('../vectors/scram.json', import.meta.url), 'utf8')) as Vector[]

/** RFC 7677, 3. */
const rfc7677: Vector = {
  ...{ mechanism: 'SCRAM-SHA-256', user: 'user', password: 'pencil', iterations: 4096, storedKey: '', serverKey: '' },
  salt: Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64').toString('hex'),
  clientFirst: 'n,,n=user,r=rOprNGfwEbeRWgbNEkqO',
  serverFirst: 'r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096',
  clientFinal: 'c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=',
  serverFinal: 'v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=',
}

const text = (bytes: Uint8Array | undefined): string | undefined => bytes && Buffer.from(bytes).toString()
const nothing = Buffer.alloc(0)
const nonceOf = (first: string): string => /,r=([^,]*)/.exec(first)![1]!
const refused = (said: RegExp) => (error: unknown) =>
  error instanceof SecurityError && error.errorName === 'SASL_AUTHENTICATION_FAILED' && said.test(error.message)

for (const [index, vector] of [rfc7677, ...vectors].entries()) {
  const { mechanism, user, password, iterations, clientFirst, serverFirst, clientFinal, serverFinal } = vector
  const salt = Buffer.from(vector.salt, 'hex')
  describe(`${mechanism} of ${user} (${index === 0 ? 'RFC 7677' : 'Apache Kafka'})`, () => {
    it('says what it has to, as a client', () => {
      const client = new ScramClient({ mechanism, user, password, nonce: nonceOf(clientFirst) })
      assert.equal(text(client.respond(nothing)), clientFirst)
      assert.equal(text(client.respond(Buffer.from(serverFirst))), clientFinal)
      assert.equal(client.respond(Buffer.from(serverFinal)), undefined)
    })

    it('says what it has to, as a server', () => {
      const credential = scramCredential(mechanism, password, salt, iterations)
      if (index > 0)
        assert.deepEqual(
          [credential.storedKey, credential.serverKey].map((key) => Buffer.from(key).toString('hex')),
          [vector.storedKey, vector.serverKey],
        )
      const nonce = nonceOf(`,${serverFirst}`).slice(nonceOf(clientFirst).length)
      const server = new ScramServer({ mechanism, nonce, credentialOf: (name) => (name === user ? credential : undefined) })
      assert.equal(text(server.respond(Buffer.from(clientFirst))), serverFirst)
      assert.equal(server.user, undefined)
      assert.equal(text(server.respond(Buffer.from(clientFinal))), serverFinal)
      assert.equal(server.user, user)
    })

    it('does not believe a server that signs wrongly, or not at all', () => {
      for (const said of [`v=${Buffer.alloc(32).toString('base64')}`, 'v=', '', 'x=y']) {
        const client = new ScramClient({ mechanism, user, password, nonce: nonceOf(clientFirst) })
        client.respond(nothing)
        client.respond(Buffer.from(serverFirst))
        assert.throws(() => client.respond(Buffer.from(said)), refused(/signature of the broker .* is wrong/))
      }
    })
  })
}

describe('a SCRAM client', () => {
  const open = () => {
    const client = new ScramClient({ mechanism: 'SCRAM-SHA-256', user: 'u', password: 'hush-hush', nonce: 'abc' })
    client.respond(nothing)
    return client
  }
  for (const [said, why] of [
    ['r=xyz,s=AAAA,i=4096', /nonce that is not made of ours/],
    ['r=abc,s=AAAA,i=4096', /nonce that is not made of ours/],
    ['r=abcd,s=AAAA,i=4095', /asks for 4095 iterations/],
    ['r=abcd,s=AAAA,i=2000000000', /asks for 2000000000 iterations/],
    ['r=abcd,s=AAAA,i=-1', /malformed/],
    ['r=abcd', /malformed/],
    ['', /malformed/],
  ] as const)
    it(`refuses ${said || 'nothing'}`, () => assert.throws(() => open().respond(Buffer.from(said)), refused(why)))

  it('says why the server refuses', () => {
    const client = open()
    client.respond(Buffer.from('r=abcd,s=AAAA,i=4096'))
    assert.throws(() => client.respond(Buffer.from('e=invalid-proof')), refused(/invalid-proof/))
  })

  it('says that it is a delegation token', () => {
    const client = new ScramClient({ mechanism: 'SCRAM-SHA-256', user: 'id', password: 'hmac', nonce: 'abc', tokenAuth: true })
    assert.equal(text(client.respond(nothing)), 'n,,n=id,r=abc,tokenauth=true')
  })
})

describe('SCRAM, client against server', () => {
  const names = fc.string({ unit: 'grapheme', minLength: 1 })
  const mechanisms = fc.constantFrom('SCRAM-SHA-256' as const, 'SCRAM-SHA-512' as const)
  const login = (mechanism: 'SCRAM-SHA-256' | 'SCRAM-SHA-512', user: string, kept: string, given: string) => {
    const credential = scramCredential(mechanism, kept, Buffer.from('salt'), 4096)
    const server = new ScramServer({ mechanism, nonce: 'server', credentialOf: (name) => (name === user ? credential : undefined) })
    const client = new ScramClient({ mechanism, user, password: given, nonce: 'client' })
    const first = server.respond(client.respond(nothing)!)
    const done = client.respond(server.respond(client.respond(first!)!)!)
    assert.equal(done, undefined)
    return server.user
  }

  it('lets in everyone who knows the password, whatever name and password are', () => {
    fc.assert(
      fc.property(mechanisms, names, names, (mechanism, user, password) => assert.equal(login(mechanism, user, password, password), user)),
      { numRuns: 40 },
    )
  })

  it('lets in nobody else', () => {
    fc.assert(
      fc.property(mechanisms, names, names, names, (mechanism, user, kept, given) => {
        fc.pre(kept !== given)
        assert.throws(() => login(mechanism, user, kept, given), refused(/invalid credentials/))
      }),
      { numRuns: 40 },
    )
  })

  it('ends with an error for what is no message of it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (said) => {
        const server = new ScramServer({ mechanism: 'SCRAM-SHA-256', nonce: 'n', credentialOf: () => undefined })
        assert.throws(() => server.respond(Buffer.from(said)), SecurityError)
      }),
    )
  })
})
