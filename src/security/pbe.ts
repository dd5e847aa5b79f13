import { createDecipheriv, createHash, pbkdf2Sync } from 'node:crypto'
import { childrenOf, type Der, DerError, DerTag, integerOf, octetsOf, oidOf } from './der.ts'
import { decipherRc2 } from './rc2.ts'

/** Encryption by passwords, as key stores have it: PBES2 (RFC 8018) and the older schemes of PKCS 12 (RFC 7292, appendix B). */

/** What a file may ask to be computed; Java has the same limit. */
const iterationsMax = 5_000_000

/** The password or the file is wrong: which, cannot be told. */
export class DecipherError extends Error {
  override name = 'DecipherError'
}

/** By object identifier. */
const oldSchemes: Readonly<Record<string, { readonly cipher: string; readonly keyBytes: number }>> = {
  '1.2.840.113549.1.12.1.3': { cipher: 'des-ede3-cbc', keyBytes: 24 },
  '1.2.840.113549.1.12.1.4': { cipher: 'des-ede-cbc', keyBytes: 16 },
  '1.2.840.113549.1.12.1.5': { cipher: 'rc2', keyBytes: 16 },
  '1.2.840.113549.1.12.1.6': { cipher: 'rc2', keyBytes: 5 },
}
const pbes2 = '1.2.840.113549.1.5.13'
const pbkdf2 = '1.2.840.113549.1.5.12'
const pseudoRandom: Readonly<Record<string, string>> = {
  '1.2.840.113549.2.7': 'sha1',
  '1.2.840.113549.2.8': 'sha224',
  '1.2.840.113549.2.9': 'sha256',
  '1.2.840.113549.2.10': 'sha384',
  '1.2.840.113549.2.11': 'sha512',
}
const ciphers: Readonly<Record<string, { readonly cipher: string; readonly keyBytes: number }>> = {
  '1.2.840.113549.3.7': { cipher: 'des-ede3-cbc', keyBytes: 24 },
  '2.16.840.1.101.3.4.1.2': { cipher: 'aes-128-cbc', keyBytes: 16 },
  '2.16.840.1.101.3.4.1.22': { cipher: 'aes-192-cbc', keyBytes: 24 },
  '2.16.840.1.101.3.4.1.42': { cipher: 'aes-256-cbc', keyBytes: 32 },
}

/** @throws DecipherError, DerError */
export function decipherByPassword(algorithm: Der | undefined, enciphered: Buffer, password: string): Buffer {
  const [scheme, parameters] = childrenOf(algorithm)
  const oid = oidOf(scheme)
  if (oid === pbes2) return decipherPbes2(childrenOf(parameters), enciphered, password)
  const old = oldSchemes[oid]
  if (old === undefined) throw new DerError(`it is enciphered in a way that is not known (${oid})`)
  const [saltDer, count] = childrenOf(parameters)
  const salt = octetsOf(saltDer)
  const iterations = iterationsOf(count)
  const key = pkcs12Key({ purpose: 'key', hash: 'sha1', password, salt, iterations, bytes: old.keyBytes })
  const iv = pkcs12Key({ purpose: 'iv', hash: 'sha1', password, salt, iterations, bytes: 8 })
  return decipher(old.cipher, key, iv, enciphered)
}

function decipherPbes2([derivation, encryption]: readonly Der[], enciphered: Buffer, password: string): Buffer {
  const [function_, derivationParameters] = childrenOf(derivation)
  if (oidOf(function_) !== pbkdf2) throw new DerError(`the key is derived in a way that is not known (${oidOf(function_)})`)
  const [saltDer, count, ...rest] = childrenOf(derivationParameters)
  const prf = rest.find(({ tag }) => tag === DerTag.sequence)
  const hashOid = prf === undefined ? '1.2.840.113549.2.7' : oidOf(childrenOf(prf)[0])
  const hash = pseudoRandom[hashOid]
  const [cipherOid, iv] = childrenOf(encryption)
  const cipher = ciphers[oidOf(cipherOid)]
  if (hash === undefined || cipher === undefined)
    throw new DerError(`it is enciphered in a way that is not known (${hash === undefined ? hashOid : oidOf(cipherOid)})`)
  const key = pbkdf2Sync(password, octetsOf(saltDer), iterationsOf(count), cipher.keyBytes, hash)
  return decipher(cipher.cipher, key, octetsOf(iv), enciphered)
}

function decipher(cipher: string, key: Buffer, iv: Buffer, enciphered: Buffer): Buffer {
  try {
    if (cipher === 'rc2') return decipherRc2(key, iv, enciphered)
    const by = createDecipheriv(cipher, key, iv)
    return Buffer.concat([by.update(enciphered), by.final()])
  } catch (cause) {
    throw new DecipherError('it cannot be deciphered', { cause })
  }
}

export function iterationsOf(count: Der | undefined): number {
  const iterations = integerOf(count)
  if (iterations < 1 || iterations > iterationsMax) throw new DerError(`${iterations} iterations are out of bounds`)
  return iterations
}

const purposes = { key: 1, iv: 2, mac: 3 } as const
const blockBytesOf: Readonly<Record<string, number>> = { sha1: 64, sha224: 64, sha256: 64, sha384: 128, sha512: 128 }

/** RFC 7292, B.2: keys from a password in UTF-16 with a zero at its end. */
export function pkcs12Key(options: {
  readonly purpose: keyof typeof purposes
  readonly hash: string
  readonly password: string
  readonly salt: Buffer
  readonly iterations: number
  readonly bytes: number
}): Buffer {
  const { hash, iterations, bytes } = options
  const blockBytes = blockBytesOf[hash] as number
  const password = Buffer.from(`${options.password}\0`, 'utf16le').swap16()
  const diversifier = Buffer.alloc(blockBytes, purposes[options.purpose])
  const input = Buffer.concat([filled(options.salt, blockBytes), filled(password, blockBytes)])
  const parts: Buffer[] = []
  for (let length = 0; length < bytes; ) {
    let digest = createHash(hash).update(diversifier).update(input).digest()
    for (let round = 1; round < iterations; round++) digest = createHash(hash).update(digest).digest()
    parts.push(digest)
    length += digest.length
    const addend = Buffer.alloc(blockBytes, digest)
    for (let at = 0; at < input.length; at += blockBytes) add(input.subarray(at, at + blockBytes), addend)
  }
  return Buffer.concat(parts).subarray(0, bytes)
}

/** Repeated to whole blocks. */
const filled = (bytes: Buffer, blockBytes: number): Buffer =>
  bytes.length === 0 ? bytes : Buffer.alloc(Math.ceil(bytes.length / blockBytes) * blockBytes, bytes)

/** block + addend + 1, as one large number. */
function add(block: Buffer, addend: Buffer): void {
  let carry = 1
  for (let index = block.length - 1; index >= 0; index--) {
    carry += (block[index] as number) + (addend[index] as number)
    block[index] = carry
    carry >>= 8
  }
}
