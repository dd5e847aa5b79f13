import { type Connection, NetworkError } from './network.ts'

export type TlsVersion = 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3'

export interface TlsClientOptions {
  /** Certificates in PEM whose holders and issues are trusted. Undefined: the authorities that the machine trusts. */
  readonly trusted?: readonly string[] | undefined
  /** What to show when the peer asks who we are: a chain and its key in PEM, the key not enciphered. */
  readonly identity?: { readonly chain: string; readonly key: string } | undefined
  readonly minVersion: TlsVersion
  readonly maxVersion: TlsVersion
  /** Cipher suites by OpenSSL's names. Empty: those of the platform. */
  readonly cipherSuites: readonly string[]
  /** Whether the certificate must be one for the name that was connected to (RFC 6125). */
  readonly verifiesHostName: boolean
}

export interface TlsClient {
  /**
   * Makes a fresh connection a secure one; on failure it is closed. `serverName` is the name or address that was connected to.
   * @throws NetworkError; TlsError when it is not for the network
   */
  secure(connection: Connection, serverName: string, timeoutMs: number): Promise<Connection>
}

export interface Tls {
  /** The names that `cipherSuites` may have. */
  readonly cipherSuites: readonly string[]
  /** What the connections of a client have in common. @throws TlsError (`settings`) when key, chain or authorities make no sense */
  client(options: TlsClientOptions): TlsClient
}

/**
 * `not-tls`: the peer speaks something else. `closed`: it hung up in the middle. `untrusted`: nobody whom we trust vouches for it.
 * `host-name`: its certificate is for others. `expired`, `not-yet-valid`: by our clock. `identity`: it does not take who we are.
 * `no-agreement`: no version or cipher suite in common. `settings`: what we were given cannot be used.
 */
export type TlsFault =
  | 'not-tls'
  | 'closed'
  | 'untrusted'
  | 'host-name'
  | 'expired'
  | 'not-yet-valid'
  | 'identity'
  | 'no-agreement'
  | 'settings'
  | 'other'

export class TlsError extends NetworkError {
  override name = 'TlsError'
  readonly fault: TlsFault
  constructor(fault: TlsFault, message: string, cause?: unknown) {
    super('EPROTO', message, cause)
    this.fault = fault
  }
}
