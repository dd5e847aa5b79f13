import { DerError } from './der.ts'
import { openJks } from './jks.ts'
import { DecipherError } from './pbe.ts'
import { openPkcs12 } from './pkcs12.ts'

/** A private key with the certificates that go with it, its own first. */
export interface KeyEntry {
  /** Certificates in DER. */
  readonly chain: readonly Buffer[]
  /** The key in PKCS 8, DER. @throws DecipherError, DerError */
  open(password: string): Buffer
}

/** What a key store of Java holds. */
export interface KeyStore {
  readonly keys: readonly KeyEntry[]
  /** Certificates in DER. */
  readonly trusted: readonly Buffer[]
}

export class KeyStoreError extends Error {
  override name = 'KeyStoreError'
  readonly kind: 'password' | 'damaged' | 'unknown'
  constructor(kind: KeyStoreError['kind'], message: string, cause?: unknown) {
    super(message, { cause })
    this.kind = kind
  }
}

/**
 * A store of either type, whichever is named: Java reads the one as the other too. Without a password its integrity is not checked, and
 * what is enciphered stays shut. @throws KeyStoreError
 */
export function openKeyStore(bytes: Buffer, password: string | undefined): KeyStore {
  const magic = bytes.length < 4 ? 0 : bytes.readUInt32BE(0)
  if (magic === 0xcececece) throw new KeyStoreError('unknown', 'it is a JCEKS store, which cannot be read')
  if (bytes.includes('-----BEGIN ')) throw new KeyStoreError('unknown', 'it is a PEM file')
  if (magic !== 0xfeedfeed && bytes[0] !== 0x30) throw new KeyStoreError('unknown', 'it is neither a JKS nor a PKCS12 store')
  try {
    return magic === 0xfeedfeed ? openJks(bytes, password) : openPkcs12(bytes, password)
  } catch (error) {
    if (error instanceof DecipherError) throw new KeyStoreError('password', 'the password is wrong, or the file is damaged', error)
    if (error instanceof DerError || error instanceof RangeError)
      throw new KeyStoreError('damaged', `the file is damaged: ${error.message}`, error)
    throw error
  }
}
