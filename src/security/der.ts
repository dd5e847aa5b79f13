/** A value of ASN.1 in DER, or in the parts of BER that key stores are written in (indefinite lengths, strings in pieces). */
export interface Der {
  readonly tag: number
  /** Without tag and length. */
  readonly content: Buffer
  /** With them. */
  readonly whole: Buffer
}

export const DerTag = { integer: 0x02, octets: 0x04, oid: 0x06, sequence: 0x30, set: 0x31, context0: 0xa0 } as const

const depthMax = 32

/** What is not DER where DER should be: the file is damaged, or deciphered with the wrong password. */
export class DerError extends Error {
  override name = 'DerError'
}

/** The value at the beginning of the bytes. @throws DerError */
export function readDer(bytes: Buffer, depth = 0): Der {
  if (bytes.length < 2 || depth > depthMax) throw new DerError('a value ends early or is nested too deep')
  const tag = bytes[0] as number
  const short = bytes[1] as number
  if ((tag & 0x1f) === 0x1f) throw new DerError('a tag of several bytes')
  if (short === 0x80) return indefinite(bytes, tag, depth)
  const sizeBytes = short < 0x80 ? 0 : short & 0x7f
  if (sizeBytes > 4 || bytes.length < 2 + sizeBytes) throw new DerError('a length is out of bounds')
  const size = sizeBytes === 0 ? short : bytes.readUIntBE(2, sizeBytes)
  const end = 2 + sizeBytes + size
  if (end > bytes.length) throw new DerError('a value is longer than what holds it')
  return { tag, content: bytes.subarray(2 + sizeBytes, end), whole: bytes.subarray(0, end) }
}

/** It goes on until two zero bytes stand where a value would begin. */
function indefinite(bytes: Buffer, tag: number, depth: number): Der {
  let at = 2
  while (bytes.length >= at + 2 && bytes.readUInt16BE(at) !== 0) at += readDer(bytes.subarray(at), depth + 1).whole.length
  if (bytes.length < at + 2) throw new DerError('a value has no end')
  return { tag, content: bytes.subarray(2, at), whole: bytes.subarray(0, at + 2) }
}

/** What a sequence, a set or an explicit tag holds. @throws DerError */
export function childrenOf(der: Der | undefined): Der[] {
  if (der === undefined || (der.tag & 0x20) === 0) throw new DerError('a value is not constructed')
  const children: Der[] = []
  for (let at = 0; at < der.content.length; ) {
    const child = readDer(der.content.subarray(at))
    children.push(child)
    at += child.whole.length
  }
  return children
}

/** The bytes of an octet string, whole or in pieces. @throws DerError */
export function octetsOf(der: Der | undefined, depth = 0): Buffer {
  if (der === undefined || depth > depthMax) throw new DerError('bytes are missing')
  if ((der.tag & 0x20) === 0) return der.content
  return Buffer.concat(childrenOf(der).map((piece) => octetsOf(piece, depth + 1)))
}

/** @throws DerError for what is no small number */
export function integerOf(der: Der | undefined): number {
  if (der?.tag !== DerTag.integer || der.content.length === 0 || der.content.length > 6)
    throw new DerError('a number is missing or too large')
  return der.content.readIntBE(0, der.content.length)
}

/** An object identifier as people write it: 1.2.840.… */
export function oidOf(der: Der | undefined): string {
  if (der?.tag !== DerTag.oid) throw new DerError('an object identifier is missing')
  const parts: number[] = []
  let value = 0
  for (const byte of der.content) {
    value = value * 128 + (byte & 0x7f)
    if (byte >= 0x80) continue
    if (parts.length === 0) parts.push(Math.min(2, Math.floor(value / 40)), value - 40 * Math.min(2, Math.floor(value / 40)))
    else parts.push(value)
    value = 0
  }
  return parts.join('.')
}
