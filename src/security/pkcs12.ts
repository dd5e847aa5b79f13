import { createHmac, timingSafeEqual, X509Certificate } from 'node:crypto'
import { childrenOf, type Der, DerError, DerTag, octetsOf, oidOf, readDer } from './der.ts'
import type { KeyEntry, KeyStore } from './key-store.ts'
import { DecipherError, decipherByPassword, iterationsOf, pkcs12Key } from './pbe.ts'

/**
 * PKCS 12 (RFC 7292), as Java, OpenSSL and others write it:
 *
 *   PFX       version · authenticated safe · MAC
 *   safe      contents, each plain or enciphered, of bags
 *   bag       a key, an enciphered key, a certificate, or bags again; with attributes that tell which belong together
 */
const plainContent = '1.2.840.113549.1.7.1'
const encipheredContent = '1.2.840.113549.1.7.6'
const bagTypes = '1.2.840.113549.1.12.10.1'
const keyBag = `${bagTypes}.1`
const encipheredKeyBag = `${bagTypes}.2`
const certificateBag = `${bagTypes}.3`
const nestedBags = `${bagTypes}.6`
const localKeyId = '1.2.840.113549.1.9.21'
/** Java's mark of a certificate that is trusted for itself. */
const trustedUsage = '2.16.840.1.113894.746875.1.1'
const depthMax = 8
const chainMax = 32

const macHashes: Readonly<Record<string, string>> = {
  '1.3.14.3.2.26': 'sha1',
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
  '2.16.840.1.101.3.4.2.4': 'sha224',
}

interface Bags {
  readonly keys: { readonly id: string | undefined; readonly open: (password: string) => Buffer }[]
  readonly certificates: { readonly id: string | undefined; readonly isTrusted: boolean; readonly bytes: Buffer }[]
}

/** @throws DecipherError, DerError */
export function openPkcs12(bytes: Buffer, password: string | undefined): KeyStore {
  const [, content, mac] = childrenOf(readDer(bytes))
  const [type, wrapped] = childrenOf(content)
  if (oidOf(type) !== plainContent) throw new DerError('it is signed by a certificate instead of a password')
  const safe = octetsOf(childrenOf(wrapped)[0])
  if (mac !== undefined && password !== undefined) checkMac(mac, safe, password)
  const bags: Bags = { keys: [], certificates: [] }
  for (const each of childrenOf(readDer(safe))) {
    const plain = contentOf(each, password)
    if (plain !== undefined) collect(childrenOf(readDer(plain)), bags, 0)
  }
  const own = bags.keys.flatMap(({ id }) => bags.certificates.filter((each) => each.id !== undefined && each.id === id))
  const keys: KeyEntry[] = bags.keys.map(({ id, open }) => ({ open, chain: chainOf(bags, id) }))
  const marked = bags.certificates.filter(({ isTrusted }) => isTrusted)
  // Other programs do not mark what is trusted: then it is all that goes with no key.
  const trusted = marked.length > 0 ? marked : bags.keys.length > 0 ? [] : bags.certificates.filter((each) => !own.includes(each))
  return { keys, trusted: trusted.map((each) => each.bytes) }
}

function checkMac(mac: Der, safe: Buffer, password: string): void {
  const [digestInfo, saltDer, count] = childrenOf(mac)
  const [algorithm, expected] = childrenOf(digestInfo)
  const oid = oidOf(childrenOf(algorithm)[0])
  const hash = macHashes[oid]
  if (hash === undefined) throw new DerError(`its MAC is of a kind that is not known (${oid})`)
  const theirs = octetsOf(expected)
  const iterations = count === undefined ? 1 : iterationsOf(count)
  const key = pkcs12Key({ purpose: 'mac', hash, password, salt: octetsOf(saltDer), iterations, bytes: theirs.length })
  const ours = createHmac(hash, key).update(safe).digest()
  if (ours.length !== theirs.length || !timingSafeEqual(ours, theirs)) throw new DecipherError('the MAC does not fit')
}

/** Undefined: it is enciphered, and there is no password. */
function contentOf(info: Der, password: string | undefined): Buffer | undefined {
  const [type, wrapped] = childrenOf(info)
  const oid = oidOf(type)
  const inner = childrenOf(wrapped)[0]
  if (oid === plainContent) return octetsOf(inner)
  if (oid !== encipheredContent) throw new DerError(`a content is enciphered in a way that is not known (${oid})`)
  if (password === undefined) return undefined
  const [, contentInfo] = childrenOf(inner)
  const [, algorithm, enciphered] = childrenOf(contentInfo)
  return decipherByPassword(algorithm, octetsOf(enciphered), password)
}

function collect(bagList: readonly Der[], bags: Bags, depth: number): void {
  if (depth > depthMax) throw new DerError('bags are nested too deep')
  for (const bag of bagList) {
    const [type, wrapped, attributes] = childrenOf(bag)
    const value = childrenOf(wrapped)[0]
    const id = attributeOf(attributes, localKeyId)?.content.toString('hex')
    switch (oidOf(type)) {
      case keyBag:
        bags.keys.push({ id, open: () => value!.whole })
        break
      case encipheredKeyBag: {
        const [algorithm, enciphered] = childrenOf(value)
        bags.keys.push({ id, open: (password) => decipherByPassword(algorithm, octetsOf(enciphered), password) })
        break
      }
      case certificateBag: {
        const [, certificate] = childrenOf(value)
        const isTrusted = attributeOf(attributes, trustedUsage) !== undefined
        bags.certificates.push({ id, isTrusted, bytes: octetsOf(childrenOf(certificate)[0]) })
        break
      }
      case nestedBags:
        collect(childrenOf(value), bags, depth + 1)
        break
    }
  }
}

/** The first value of an attribute. */
function attributeOf(attributes: Der | undefined, oid: string): Der | undefined {
  if (attributes?.tag !== DerTag.set) return undefined
  for (const attribute of childrenOf(attributes)) {
    const [type, values] = childrenOf(attribute)
    if (oidOf(type) === oid) return childrenOf(values)[0]
  }
  return undefined
}

/** The certificate of the key, then whoever issued it, and so on. */
function chainOf({ certificates }: Bags, id: string | undefined): Buffer[] {
  const own =
    certificates.find((each) => each.id !== undefined && each.id === id) ?? (certificates.length === 1 ? certificates[0] : undefined)
  const chain: Buffer[] = []
  let rest = certificates
  for (let next = own; next !== undefined && chain.length < chainMax; ) {
    const { bytes } = next
    chain.push(bytes)
    rest = rest.filter((each) => each.bytes !== bytes)
    const certificate = x509(bytes)
    next = rest.find((each) => certificate.checkIssued(x509(each.bytes)))
  }
  return chain
}

function x509(bytes: Buffer): X509Certificate {
  try {
    return new X509Certificate(bytes)
  } catch (cause) {
    throw new DerError(`a certificate cannot be read: ${(cause as Error).message}`)
  }
}
