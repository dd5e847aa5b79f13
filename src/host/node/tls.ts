import net from 'node:net'
import tls from 'node:tls'
import type { Connection } from '../network.ts'
import { type Tls, type TlsClient, type TlsClientOptions, TlsError } from '../tls.ts'
import { securedConnection } from './connection.ts'
import { networkError } from './network-errors.ts'
import { reasonOf } from './tls-errors.ts'

export const nodeTls: Tls = {
  get cipherSuites() {
    return tls.getCiphers().map((name) => name.toUpperCase())
  },
  client: (options) => new NodeTlsClient(options),
}

class NodeTlsClient implements TlsClient {
  #context: tls.SecureContext
  #verifiesHostName: boolean

  constructor(options: TlsClientOptions) {
    this.#context = secureContext(options)
    this.#verifiesHostName = options.verifiesHostName
  }

  secure(connection: Connection, serverName: string, timeoutMs: number): Promise<Connection> {
    return securedConnection(connection, (plain) => this.#handshake(plain, serverName, timeoutMs))
  }

  #handshake(plain: net.Socket, serverName: string, timeoutMs: number): Promise<tls.TLSSocket> {
    return new Promise((resolve, reject) => {
      const socket = tls.connect({
        socket: plain,
        secureContext: this.#context,
        host: serverName,
        ...(net.isIP(serverName) === 0 ? { servername: serverName } : {}),
        // What is wrong with a certificate is told better with the certificate at hand: see `faultOfPeer`. Nothing is sent before.
        rejectUnauthorized: false,
        ...(this.#verifiesHostName ? {} : { checkServerIdentity: () => undefined }),
      })
      const timer = setTimeout(
        () => fail(new TlsError('closed', `no TLS handshake within ${timeoutMs} ms`)),
        Math.min(timeoutMs, 2 ** 31 - 1),
      )
      const settle = (): void => {
        clearTimeout(timer)
        socket.off('error', failed).off('close', closed)
      }
      const fail = (error: Error): void => {
        settle()
        socket.on('error', () => {})
        socket.destroy()
        plain.destroy()
        reject(error)
      }
      const failed = (error: Error): void => fail(networkError(error))
      const closed = (): void => fail(new TlsError('closed', 'the peer hung up in the TLS handshake'))
      socket.on('error', failed).on('close', closed)
      socket.once('secureConnect', () => {
        const fault = faultOfPeer(socket, serverName)
        if (fault !== undefined) return fail(fault)
        settle()
        resolve(socket)
      })
    })
  }
}

/** What https and brokers have in common. @throws TlsError */
export function secureContext(options: TlsClientOptions): tls.SecureContext {
  const { trusted, identity, minVersion, maxVersion, cipherSuites } = options
  try {
    return tls.createSecureContext({
      ca: trusted === undefined ? machineAuthorities() : [...trusted],
      // As Java does it: who is in the trust store is trusted, whoever issued his certificate.
      allowPartialTrustChain: true,
      ...(identity === undefined ? {} : { cert: identity.chain, key: identity.key }),
      minVersion,
      maxVersion,
      ...(cipherSuites.length === 0 ? {} : { ciphers: cipherSuites.join(':') }),
    })
  } catch (error) {
    throw new TlsError('settings', `TLS cannot be set up: ${reasonOf(error as Error)}`, error)
  }
}

let machine: string[] | undefined

/** Those that come with the runtime, and those of the system. */
function machineAuthorities(): string[] {
  machine ??= [...new Set([...tls.getCACertificates('default'), ...tls.getCACertificates('system')])]
  return machine
}

function faultOfPeer(socket: tls.TLSSocket, serverName: string): TlsError | undefined {
  if (socket.authorized) return undefined
  const code = String((socket.authorizationError as unknown as string | undefined) ?? 'unknown')
  const peer = socket.getPeerCertificate()
  const who = nameOf(peer.subject)
  switch (code) {
    case 'CERT_HAS_EXPIRED':
      return new TlsError('expired', `the certificate of ${who} or of its issuer has expired (its own is valid to ${peer.valid_to})`)
    case 'CERT_NOT_YET_VALID':
      return new TlsError(
        'not-yet-valid',
        `the certificate of ${who} or of its issuer is not valid yet (its own from ${peer.valid_from} on)`,
      )
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return new TlsError('host-name', `the certificate is not for ${serverName} but for ${peer.subjectaltname ?? who}`)
    default:
      return new TlsError('untrusted', `the certificate of ${who} (issued by ${nameOf(peer.issuer)}) is not trusted: ${code}`)
  }
}

function nameOf(name: tls.Certificate | undefined): string {
  const parts = Object.entries(name ?? {}).map(([key, value]) => `${key}=${[value].flat().join('+')}`)
  return parts.length === 0 ? 'nobody' : parts.toReversed().join(',')
}
