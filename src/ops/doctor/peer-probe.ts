import type { Address, Connection, Host } from '../../host/index.ts'
import { TlsError } from '../../host/index.ts'

/** What listens at a port. `closed`: it hung up on both; `silent`: it takes connections and says nothing. */
export type Peer = 'kafka' | 'tls' | 'http' | 'other' | 'closed' | 'silent'

/** ApiVersions in version 0, which every listener without TLS answers before a login: size, API key, version, correlation id, no client id. */
const question = Buffer.from('0000000a00120000746b6166ffff', 'hex')
const CORRELATION_ID = 0x746b6166
/** Enough to know by. */
const ANSWER_BYTES = 8

export async function probePeer(host: Host, address: Address, timeoutMs: number): Promise<Peer> {
  const plain = await askPlainly(host, address, timeoutMs)
  if (plain.length >= 4 && (plain[0] === 0x15 || plain[0] === 0x16) && plain[1] === 0x03) return 'tls'
  if (plain.length >= ANSWER_BYTES && plain.readInt32BE(4) === CORRELATION_ID) return 'kafka'
  if (plain.toString('latin1').startsWith('HTTP')) return 'http'
  if (plain.length > 0) return 'other'
  return (await speaksTls(host, address, timeoutMs)) ?? 'closed'
}

/** The first bytes of the answer; none: it hung up, or said nothing in time. */
async function askPlainly(host: Host, address: Address, timeoutMs: number): Promise<Buffer> {
  const connection = await host.network.connect({ ...address, timeoutMs }).catch(() => undefined)
  if (connection === undefined) return Buffer.alloc(0)
  return new Promise((resolve) => {
    let got = Buffer.alloc(0)
    const settle = (): void => {
      timer.cancel()
      connection.destroy()
      resolve(got)
    }
    const timer = host.clock.after(timeoutMs, settle)
    connection.onClose(() => {
      timer.cancel()
      resolve(got)
    })
    connection.onData((chunk) => {
      got = Buffer.concat([got, chunk])
      if (got.length >= ANSWER_BYTES) settle()
    })
    connection.write(question)
  })
}

/** A handshake that fails for what it was told is one all the same. Undefined: none. */
async function speaksTls(host: Host, address: Address, timeoutMs: number): Promise<Peer | undefined> {
  if (host.tls === undefined) return undefined
  let connection: Connection
  try {
    connection = await host.network.connect({ ...address, timeoutMs })
  } catch {
    return undefined
  }
  const client = (await host.tls()).client({ minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3', cipherSuites: [], verifiesHostName: false })
  try {
    const secure = await client.secure(connection, address.host, timeoutMs)
    secure.destroy()
    return 'tls'
  } catch (error) {
    if (!(error instanceof TlsError)) return undefined
    if (error.message.startsWith('no TLS handshake within')) return 'silent'
    return error.fault === 'not-tls' || error.fault === 'closed' ? undefined : 'tls'
  }
}
