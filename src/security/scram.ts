import { createHash, createHmac, pbkdf2Sync, timingSafeEqual } from 'node:crypto'
import type { SaslDialogue } from './sasl.ts'
import { loginFailed } from './security-error.ts'

/**
 * SCRAM (RFC 5802, RFC 7677) without channel binding, as Kafka speaks it: neither side shows the other the password, and each proves
 * that it knows it (the server: what was derived from it).
 *
 *   client-first  n,,n=USER,r=NONCE[,tokenauth=true]
 *   server-first  r=NONCE+MORE,s=SALT,i=ITERATIONS
 *   client-final  c=biws,r=NONCE+MORE,p=PROOF
 *   server-final  v=SIGNATURE, or e=ERROR
 */
export type ScramMechanism = 'SCRAM-SHA-256' | 'SCRAM-SHA-512'

const hashes = { 'SCRAM-SHA-256': 'sha256', 'SCRAM-SHA-512': 'sha512' } as const
const keyBytes = { 'SCRAM-SHA-256': 32, 'SCRAM-SHA-512': 64 } as const
export const scramIterationsMin = 4096
/** What a peer may ask to be computed: brokers store at most 16384. */
const scramIterationsMax = 1_000_000

/** What a server keeps of a password. */
export interface ScramCredential {
  readonly salt: Uint8Array
  readonly iterations: number
  readonly storedKey: Uint8Array
  readonly serverKey: Uint8Array
}

export function scramCredential(mechanism: ScramMechanism, password: string, salt: Uint8Array, iterations: number): ScramCredential {
  const salted = pbkdf2Sync(password, salt, iterations, keyBytes[mechanism], hashes[mechanism])
  const storedKey = hashed(mechanism, signed(mechanism, salted, 'Client Key'))
  return { salt, iterations, storedKey, serverKey: signed(mechanism, salted, 'Server Key') }
}

const signed = (mechanism: ScramMechanism, key: Uint8Array, text: string): Buffer =>
  createHmac(hashes[mechanism], key).update(text).digest()
const hashed = (mechanism: ScramMechanism, bytes: Uint8Array): Buffer => createHash(hashes[mechanism]).update(bytes).digest()
const xor = (one: Uint8Array, other: Uint8Array): Buffer => Buffer.from(one.map((byte, index) => byte ^ (other[index] as number)))

export interface ScramClientOptions {
  readonly mechanism: ScramMechanism
  readonly user: string
  readonly password: string
  /** Fresh for each dialogue, and without commas. */
  readonly nonce: string
  /** The user is the id of a delegation token, the password its HMAC (KIP-48). */
  readonly tokenAuth?: boolean
}

export class ScramClient implements SaslDialogue {
  #options: ScramClientOptions
  #step: (said: string) => string | undefined
  #firstBare = ''
  #serverSignature: Buffer | undefined

  constructor(options: ScramClientOptions) {
    this.#options = options
    this.#step = () => this.#first()
  }

  respond(said: Uint8Array): Uint8Array | undefined {
    const message = this.#step(Buffer.from(said).toString())
    return message === undefined ? undefined : Buffer.from(message)
  }

  #first(): string {
    const { user, nonce, tokenAuth } = this.#options
    this.#firstBare = `n=${saslName(user)},r=${nonce}${tokenAuth ? ',tokenauth=true' : ''}`
    this.#step = (said) => this.#final(said)
    return `n,,${this.#firstBare}`
  }

  #final(serverFirst: string): string {
    const { mechanism, password, nonce } = this.#options
    const { r: bothNonces, s: salt, i: iterationsText } = attributes(serverFirst)
    if (bothNonces === undefined || salt === undefined || !/^\d+$/.test(iterationsText ?? ''))
      throw loginFailed(`the broker sent a malformed first message of ${mechanism}`)
    if (!bothNonces.startsWith(nonce) || bothNonces.length === nonce.length)
      throw loginFailed(`the broker answered ${mechanism} with a nonce that is not made of ours`)
    const iterations = Number(iterationsText)
    if (iterations < scramIterationsMin || iterations > scramIterationsMax)
      throw loginFailed(
        `the broker asks for ${iterations} iterations of ${mechanism}, legal are ${scramIterationsMin} to ${scramIterationsMax}`,
        iterations < scramIterationsMin ? 'Set the password of the user again, with more iterations.' : '',
      )
    const salted = pbkdf2Sync(password, Buffer.from(salt, 'base64'), iterations, keyBytes[mechanism], hashes[mechanism])
    const clientKey = signed(mechanism, salted, 'Client Key')
    const withoutProof = `c=biws,r=${bothNonces}`
    const authMessage = `${this.#firstBare},${serverFirst},${withoutProof}`
    const proof = xor(clientKey, signed(mechanism, hashed(mechanism, clientKey), authMessage))
    this.#serverSignature = signed(mechanism, signed(mechanism, salted, 'Server Key'), authMessage)
    this.#step = (said) => this.#verified(said)
    return `${withoutProof},p=${proof.toString('base64')}`
  }

  /** The broker knows the user too: one that only pretends to be a broker cannot sign. */
  #verified(serverFinal: string): undefined {
    const { mechanism } = this.#options
    const { e: error, v: signature } = attributes(serverFinal)
    if (error !== undefined) throw loginFailed(`the broker refused the login by ${mechanism}: ${error}`)
    const theirs = Buffer.from(signature ?? '', 'base64')
    const ours = this.#serverSignature as Buffer
    if (theirs.length !== ours.length || !timingSafeEqual(theirs, ours))
      throw loginFailed(
        `the signature of the broker in ${mechanism} is wrong: it does not know the password`,
        'Whoever answers there may only pretend to be your broker.',
      )
    this.#step = () => undefined
    return undefined
  }
}

export interface ScramServerOptions {
  readonly mechanism: ScramMechanism
  /** Appended to the client's nonce: fresh for each dialogue, and without commas. */
  readonly nonce: string
  readonly credentialOf: (user: string, tokenAuth: boolean) => ScramCredential | undefined
}

/** The other side, pure as well. Whom it let in is `user`, once it has given its last message. */
export class ScramServer implements SaslDialogue {
  user: string | undefined
  #options: ScramServerOptions
  #step: (said: string) => string | undefined

  constructor(options: ScramServerOptions) {
    this.#options = options
    this.#step = (said) => this.#first(said)
  }

  respond(said: Uint8Array): Uint8Array | undefined {
    const message = this.#step(Buffer.from(said).toString())
    return message === undefined ? undefined : Buffer.from(message)
  }

  #first(said: string): string {
    const { nonce, credentialOf } = this.#options
    // The part in front may name whom to act for: nobody but the user himself.
    const [, actFor, firstBare] = /^n,(?:a=([^,]*))?,(.*)$/s.exec(said) ?? []
    const { n: name, r: clientNonce, tokenauth } = attributes(firstBare ?? '')
    if (firstBare === undefined || name === undefined || clientNonce === undefined || /=(?!2C|3D)/.test(name))
      throw loginFailed('malformed first message')
    const user = name.replaceAll('=2C', ',').replaceAll('=3D', '=')
    if (actFor !== undefined && actFor !== name)
      throw loginFailed('Authentication failed: Client requested an authorization id that is different from username')
    const credential = credentialOf(user, tokenauth === 'true')
    if (credential === undefined) throw loginFailed('Authentication failed during authentication due to invalid credentials')
    const both = clientNonce + nonce
    const serverFirst = `r=${both},s=${Buffer.from(credential.salt).toString('base64')},i=${credential.iterations}`
    this.#step = (final) => this.#final(final, user, credential, both, `${firstBare},${serverFirst}`)
    return serverFirst
  }

  #final(said: string, user: string, credential: ScramCredential, both: string, soFar: string): string {
    const { mechanism } = this.#options
    const [, withoutProof, proof] = /^(.*),p=([^,]*)$/s.exec(said) ?? []
    const { c: binding, r: nonce } = attributes(withoutProof ?? '')
    if (withoutProof === undefined || binding === undefined || nonce !== both) throw loginFailed('malformed final message')
    const authMessage = `${soFar},${withoutProof}`
    const clientSignature = signed(mechanism, credential.storedKey, authMessage)
    const proven = Buffer.from(proof ?? '', 'base64')
    const known =
      proven.length === clientSignature.length && timingSafeEqual(hashed(mechanism, xor(proven, clientSignature)), credential.storedKey)
    if (!known) throw loginFailed('Authentication failed during authentication due to invalid credentials')
    this.user = user
    this.#step = () => undefined
    return `v=${signed(mechanism, credential.serverKey, authMessage).toString('base64')}`
  }
}

const saslName = (name: string): string => name.replaceAll('=', '=3D').replaceAll(',', '=2C')

/** `k=value,k=value`; the value of a name that comes twice is the first. */
function attributes(message: string): Readonly<Record<string, string | undefined>> {
  const found: Record<string, string> = Object.create(null)
  for (const part of message.split(',')) {
    const at = part.indexOf('=')
    if (at > 0) found[part.slice(0, at)] ??= part.slice(at + 1)
  }
  return found
}
