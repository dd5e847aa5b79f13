import type { Disk, TlsClientOptions, TlsVersion } from '../host/index.ts'
import { type KeyStore, KeyStoreError, openKeyStore } from './key-store.ts'
import { certificatesIn, isEncipheredKey, openPrivateKey, pemOf, privateKeysIn } from './pem.ts'
import { invalidSecurity, type SecurityError } from './security-error.ts'

/** Kafka's names, as texts. */
export interface TlsSettings {
  readonly 'ssl.truststore.type': string
  readonly 'ssl.truststore.location': string | null
  readonly 'ssl.truststore.password': string | null
  readonly 'ssl.truststore.certificates': string | null
  readonly 'ssl.keystore.type': string
  readonly 'ssl.keystore.location': string | null
  readonly 'ssl.keystore.password': string | null
  readonly 'ssl.keystore.certificate.chain': string | null
  readonly 'ssl.keystore.key': string | null
  readonly 'ssl.key.password': string | null
  readonly 'ssl.endpoint.identification.algorithm': string
  readonly 'ssl.enabled.protocols': readonly string[]
  readonly 'ssl.protocol': string
  readonly 'ssl.cipher.suites': readonly string[]
  readonly 'ssl.engine.factory.class': string | null
}

const fileBytesMax = 16 * 1024 * 1024
const versions: readonly TlsVersion[] = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3']

/**
 * What the `ssl.*` settings of a client say, with the files that they name. `knownSuites`: the cipher suites of the platform, by OpenSSL's
 * names. @throws SecurityError INVALID_CONFIG
 */
export async function tlsOptions(disk: Disk, settings: TlsSettings, knownSuites: readonly string[]): Promise<TlsClientOptions> {
  const factory = settings['ssl.engine.factory.class']
  if (factory !== null) throw invalidSecurity(`ssl.engine.factory.class=${factory} is a class of Java, which cannot be loaded here`)
  const identification = settings['ssl.endpoint.identification.algorithm']
  if (!/^(https)?$/i.test(identification))
    throw invalidSecurity(`ssl.endpoint.identification.algorithm=${identification} is not legal: expected https, or nothing`)
  const [trusted, identity] = [await trustedOf(disk, settings), await identityOf(disk, settings)]
  const cipherSuites = settings['ssl.cipher.suites'].map((name) => cipherSuite(name, knownSuites))
  const { minVersion, maxVersion } = versionsOf(settings)
  // Suites of TLS 1.3 are others than those before: a version without one of its own is not offered, as in Java.
  const modern = cipherSuites.filter((name) => name.startsWith('TLS_')).length
  return {
    ...{ trusted, identity, cipherSuites, verifiesHostName: identification !== '' },
    minVersion: cipherSuites.length > 0 && modern === cipherSuites.length ? 'TLSv1.3' : minVersion,
    maxVersion: cipherSuites.length > 0 && modern === 0 && maxVersion === 'TLSv1.3' ? 'TLSv1.2' : maxVersion,
  }
}

function versionsOf(settings: TlsSettings): { minVersion: TlsVersion; maxVersion: TlsVersion } {
  const protocol = settings['ssl.protocol']
  if (protocol !== 'TLS' && !versions.includes(protocol as TlsVersion))
    throw invalidSecurity(`ssl.protocol=${protocol} is not legal: expected one of TLS, ${versions.join(', ')}`)
  const enabled = settings['ssl.enabled.protocols'].length > 0 ? settings['ssl.enabled.protocols'] : ['TLSv1.2', 'TLSv1.3']
  const indexes = enabled.map((name) => {
    const index = versions.indexOf(name as TlsVersion)
    if (index < 0) throw invalidSecurity(`ssl.enabled.protocols=${enabled.join(',')} is not legal: expected some of ${versions.join(', ')}`)
    return index
  })
  return { minVersion: versions[Math.min(...indexes)] as TlsVersion, maxVersion: versions[Math.max(...indexes)] as TlsVersion }
}

/** Java's names are those of IANA, up to TLS 1.2 OpenSSL has its own; both are taken. */
function cipherSuite(name: string, knownSuites: readonly string[]): string {
  const own = name
    .replace(/^(TLS|SSL)_(.*)_WITH_/, (_, _family, exchange: string) => (exchange === 'RSA' ? '' : `${exchange}-`))
    .replace(/AES_(128|256)_(CBC_)?/, 'AES$1-')
    .replace('CHACHA20_POLY1305_SHA256', 'CHACHA20-POLY1305')
    .replaceAll('_', '-')
  const known = [name, own].find((each) => knownSuites.includes(each.toUpperCase()))
  if (known === undefined)
    throw invalidSecurity(
      `ssl.cipher.suites: ${name} is not known here`,
      'Write names as TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384 or TLS_AES_256_GCM_SHA384.',
    )
  return known
}

async function trustedOf(disk: Disk, settings: TlsSettings): Promise<string[] | undefined> {
  const { 'ssl.truststore.location': path, 'ssl.truststore.password': password, 'ssl.truststore.certificates': inline } = settings
  const type = settings['ssl.truststore.type'].toUpperCase()
  const isPem = type === 'PEM'
  if (inline !== null) {
    if (!isPem) throw invalidSecurity(`ssl.truststore.certificates needs ssl.truststore.type=PEM, but it is ${type}`)
    if (path !== null) throw invalidSecurity('ssl.truststore.location and ssl.truststore.certificates exclude each other')
  }
  if (isPem && password !== null) throw invalidSecurity('ssl.truststore.password is not for PEM, whose certificates need none')
  if (path === null && inline === null) {
    if (password !== null) throw invalidSecurity('ssl.truststore.password is set, but ssl.truststore.location is not')
    return undefined
  }
  const what = path === null ? 'ssl.truststore.certificates' : `ssl.truststore.location=${path}`
  if (isPem) {
    const found = certificatesOf(what, path === null ? (inline ?? '') : await readText(disk, what, path))
    if (found.length === 0) throw invalidSecurity(`${what} holds no certificate in PEM`)
    return found
  }
  knownType('ssl.truststore.type', type)
  const store = openedStore(what, 'ssl.truststore.password', password, await read(disk, what, path as string))
  // Java trusts the holder of a key in a trust store too.
  const trusted = [...store.trusted, ...store.keys.flatMap(({ chain }) => chain.slice(0, 1))]
  if (trusted.length === 0)
    throw invalidSecurity(
      `${what} holds nobody who is trusted`,
      password === null
        ? 'What is in it may be enciphered: set ssl.truststore.password.'
        : 'Import the certificate of your authority into it (keytool -importcert).',
    )
  return trusted.map((bytes) => pemOf('CERTIFICATE', bytes))
}

function certificatesOf(what: string, text: string): string[] {
  try {
    return certificatesIn(text)
  } catch (cause) {
    throw invalidSecurity(`${what}: a certificate cannot be read: ${(cause as Error).message}`)
  }
}

async function identityOf(disk: Disk, settings: TlsSettings): Promise<TlsClientOptions['identity']> {
  const { 'ssl.keystore.location': path, 'ssl.keystore.password': password, 'ssl.key.password': keyPassword } = settings
  const { 'ssl.keystore.key': key, 'ssl.keystore.certificate.chain': chain } = settings
  const type = settings['ssl.keystore.type'].toUpperCase()
  const isPem = type === 'PEM'
  if (key !== null) {
    if (!isPem) throw invalidSecurity(`ssl.keystore.key needs ssl.keystore.type=PEM, but it is ${type}`)
    if (chain === null) throw invalidSecurity('ssl.keystore.key is set, but ssl.keystore.certificate.chain is not')
    if (path !== null) throw invalidSecurity('ssl.keystore.location and ssl.keystore.key exclude each other')
  } else if (chain !== null) throw invalidSecurity('ssl.keystore.certificate.chain is set, but ssl.keystore.key is not')
  if (isPem && password !== null) throw invalidSecurity('ssl.keystore.password is not for PEM: ssl.key.password is that of the key')
  if (key !== null) return pemIdentity('ssl.keystore.key', key, chain as string, keyPassword)
  if (path === null) {
    if (password !== null) throw invalidSecurity('ssl.keystore.password is set, but ssl.keystore.location is not')
    return undefined
  }
  const what = `ssl.keystore.location=${path}`
  if (isPem) {
    const text = await readText(disk, what, path)
    return pemIdentity(what, text, text, keyPassword)
  }
  knownType('ssl.keystore.type', type)
  if (password === null) throw invalidSecurity('ssl.keystore.location is set, but ssl.keystore.password is not')
  const store = openedStore(what, 'ssl.keystore.password', password, await read(disk, what, path))
  const entry = store.keys.find((each) => each.chain.length > 0)
  if (entry === undefined) throw invalidSecurity(`${what} holds no key with its certificate`)
  try {
    const opened = entry.open(keyPassword ?? password)
    return { key: pemOf('PRIVATE KEY', opened), chain: entry.chain.map((bytes) => pemOf('CERTIFICATE', bytes)).join('') }
  } catch (cause) {
    throw invalidSecurity(
      `${what}: the key in it cannot be opened with ${keyPassword === null ? 'the password of the store' : 'ssl.key.password'}`,
      keyPassword === null ? 'Does the key have a password of its own? Then set ssl.key.password.' : 'Check ssl.key.password.',
      cause,
    )
  }
}

function pemIdentity(what: string, keyText: string, chainText: string, keyPassword: string | null): TlsClientOptions['identity'] {
  const keys = privateKeysIn(keyText)
  if (keys.length !== 1) throw invalidSecurity(`${what} holds ${keys.length} private keys in PEM, it has to be one`)
  const chain = certificatesOf(what, chainText)
  if (chain.length === 0) throw invalidSecurity(`${what}: there is no certificate in PEM with the key`)
  const pem = keys[0] as string
  if (isEncipheredKey(pem) && keyPassword === null) throw invalidSecurity(`${what}: the key is enciphered, and ssl.key.password is not set`)
  try {
    return { key: openPrivateKey(pem, keyPassword ?? undefined), chain: chain.join('') }
  } catch {
    // Without OpenSSL's reason: it tells nothing that people could use.
    throw invalidSecurity(
      `${what}: the private key cannot be opened`,
      isEncipheredKey(pem) ? 'Check ssl.key.password.' : 'It has to be a PKCS 8 key in PEM.',
    )
  }
}

function knownType(key: string, type: string): void {
  if (type !== 'JKS' && type !== 'PKCS12') throw invalidSecurity(`${key}=${type} is not legal: expected one of JKS, PKCS12, PEM`)
}

function openedStore(what: string, passwordKey: string, password: string | null, bytes: Buffer): KeyStore {
  try {
    return openKeyStore(bytes, password ?? undefined)
  } catch (error) {
    if (error instanceof KeyStoreError) throw storeFault(what, passwordKey, error)
    throw error
  }
}

function storeFault(what: string, passwordKey: string, error: KeyStoreError): SecurityError {
  const typeKey = what.replace(/\.location=.*/s, '.type')
  const hint = {
    password: `Check ${passwordKey}.`,
    damaged: 'Does keytool -list read it?',
    unknown: error.message.includes('PEM') ? `Set ${typeKey}=PEM.` : 'Is it the right file? keytool -list tells.',
  }[error.kind]
  return invalidSecurity(`${what}: ${error.message}`, hint, error)
}

async function read(disk: Disk, what: string, path: string): Promise<Buffer> {
  try {
    const bytes = await disk.readFile(path, fileBytesMax)
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  } catch (cause) {
    throw invalidSecurity(
      `${what} cannot be read: ${(cause as { code?: string }).code ?? (cause as Error).message}`,
      'Is the path right, and may you read it?',
      cause,
    )
  }
}

const readText = async (disk: Disk, what: string, path: string): Promise<string> => (await read(disk, what, path)).toString()
