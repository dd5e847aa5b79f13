import { createHash, timingSafeEqual } from 'node:crypto'
import { childrenOf, DerError, octetsOf, oidOf, readDer } from './der.ts'
import type { KeyEntry, KeyStore } from './key-store.ts'
import { DecipherError } from './pbe.ts'

/**
 * JKS, the key store of Sun:
 *
 *   magic FEEDFEED · version 1 or 2 · count · entries · SHA-1 of password, a phrase and all before
 *   entry  1 · alias · time · key (as EncryptedPrivateKeyInfo) · count · certificates        a key with its chain
 *          2 · alias · time · certificate                                                    someone trusted
 *   certificate  type (version 2 only) · bytes
 */
const phrase = 'Mighty Aphrodite'
const protectorOid = '1.3.6.1.4.1.42.2.17.1.1'
const digestBytes = 20

/** @throws DecipherError, DerError, RangeError */
export function openJks(bytes: Buffer, password: string | undefined): KeyStore {
  if (bytes.length < 12 + digestBytes) throw new DerError('the file ends early')
  const body = bytes.subarray(0, bytes.length - digestBytes)
  if (password !== undefined) {
    const digest = sha1(utf16(password), Buffer.from(phrase), body)
    if (!timingSafeEqual(digest, bytes.subarray(body.length))) throw new DecipherError('the digest does not fit')
  }
  const fields = new Fields(body, 4)
  const version = fields.int32()
  if (version !== 1 && version !== 2) throw new DerError(`version ${version} is not known`)
  const certificate = (): Buffer => {
    if (version === 2) fields.take(fields.uint16())
    return fields.take(fields.int32())
  }
  const keys: KeyEntry[] = []
  const trusted: Buffer[] = []
  for (let rest = fields.int32(); rest > 0; rest--) {
    const kind = fields.int32()
    fields.take(fields.uint16())
    fields.take(8)
    if (kind === 1) {
      const enciphered = fields.take(fields.int32())
      const chain: Buffer[] = []
      for (let left = fields.int32(); left > 0; left--) chain.push(certificate())
      keys.push({ chain, open: (keyPassword) => openKey(enciphered, keyPassword) })
    } else if (kind === 2) trusted.push(certificate())
    else throw new DerError(`there are no entries of kind ${kind}`)
  }
  return { keys, trusted }
}

/** Salt, key under a stream of digests of password and salt, digest of password and key. */
function openKey(info: Buffer, password: string): Buffer {
  const [algorithm, wrapped] = childrenOf(readDer(info))
  const oid = oidOf(childrenOf(algorithm)[0])
  if (oid !== protectorOid) throw new DerError(`the key is enciphered in a way that is not known (${oid})`)
  const secret = octetsOf(wrapped)
  if (secret.length < 2 * digestBytes) throw new DerError('the key ends early')
  const secretPassword = utf16(password)
  const key = Buffer.from(secret.subarray(digestBytes, secret.length - digestBytes))
  let digest = secret.subarray(0, digestBytes)
  for (let at = 0; at < key.length; at++) {
    if (at % digestBytes === 0) digest = sha1(secretPassword, digest)
    key[at]! ^= digest[at % digestBytes] as number
  }
  if (!timingSafeEqual(sha1(secretPassword, key), secret.subarray(secret.length - digestBytes)))
    throw new DecipherError('the key cannot be deciphered')
  return key
}

const utf16 = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16()

function sha1(...parts: readonly Buffer[]): Buffer {
  const hash = createHash('sha1')
  for (const part of parts) hash.update(part)
  return hash.digest()
}

class Fields {
  #bytes: Buffer
  #at: number
  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes
    this.#at = at
  }
  take(count: number): Buffer {
    if (count < 0 || this.#at + count > this.#bytes.length) throw new DerError('an entry ends early')
    this.#at += count
    return this.#bytes.subarray(this.#at - count, this.#at)
  }
  int32(): number {
    return this.take(4).readInt32BE(0)
  }
  uint16(): number {
    return this.take(2).readUInt16BE(0)
  }
}
