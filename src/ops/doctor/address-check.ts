import type { Address, Clock, Host } from '../../host/index.ts'
import { NetworkError, TlsError } from '../../host/index.ts'
import { Errors, KafkaError } from '../../protocol/index.ts'
import { type Finding, ill, ok } from './finding.ts'
import { type Peer, probePeer } from './peer-probe.ts'

export interface AddressCheck {
  readonly address: Address
  /** Who names the address: a client's settings, or a broker. */
  readonly namedBy: 'bootstrap' | { readonly broker: number }
  readonly securityProtocol: string
  readonly timeoutMs: number
  /** Speaks Kafka there as a client would. */
  readonly open: () => Promise<unknown>
}

const textOf = ({ host, port }: Address): string => `${host.includes(':') ? `[${host}]` : host}:${port}`
const isLiteral = (host: string): boolean => /^[\d.]+$|:/.test(host)
export const isLoopback = (host: string): boolean => /^(localhost|127\.[\d.]+|::1)$/i.test(host)

/** What a client meets on its way to an address, as far as it comes: name, connection, TLS, protocol, login. */
export async function checkAddress(host: Host, check: AddressCheck): Promise<{ findings: Finding[]; isOpen: boolean }> {
  const { address, timeoutMs } = check
  const of = textOf(address)
  const findings: Finding[] = []
  const fix = whoseSetting(check)
  const lookup = host.network.lookup
  if (lookup !== undefined && !isLiteral(address.host)) {
    const startedMs = host.clock.monotonic()
    const addresses = await orLate(host.clock, timeoutMs, lookup(address.host)).catch(() => undefined)
    if (addresses === LATE) {
      const cause = 'The DNS servers that this machine asks do not answer.'
      const next = `${fix}, or see whom the machine asks: /etc/resolv.conf, resolvectl status.`
      findings.push(ill('dns', of, `no answer within ${timeoutMs} ms`, { cause, next }))
      return { findings, isOpen: false }
    }
    if (addresses === undefined || addresses.length === 0) {
      const cause = `This machine does not know the name ${address.host}.`
      findings.push(ill('dns', of, 'the name does not resolve', { cause, next: `${fix}, or have DNS or /etc/hosts know it.` }))
      return { findings, isOpen: false }
    }
    findings.push(ok('dns', of, `${addresses.join(', ')} in ${Math.round(host.clock.monotonic() - startedMs)} ms`))
  }
  const startedMs = host.clock.monotonic()
  try {
    const connection = await host.network.connect({ ...address, timeoutMs })
    connection.onClose(() => {})
    connection.destroy()
    findings.push(ok('tcp', of, `connected in ${Math.round(host.clock.monotonic() - startedMs)} ms`))
  } catch (error) {
    if (!(error instanceof NetworkError)) throw error
    findings.push(ill('tcp', of, reasonOf(error), connectCause(error, fix)))
    return { findings, isOpen: false }
  }
  try {
    await check.open()
    return { findings, isOpen: true }
  } catch (error) {
    if (!(error instanceof KafkaError)) throw error
    findings.push(await spokenFault(host, check, error))
    return { findings, isOpen: false }
  }
}

const LATE = Symbol('late')

async function orLate<T>(clock: Clock, limitMs: number, asked: Promise<T>): Promise<T | typeof LATE> {
  const { promise, resolve } = Promise.withResolvers<typeof LATE>()
  const timer = clock.after(limitMs, () => resolve(LATE))
  try {
    return await Promise.race([asked, promise])
  } finally {
    timer.cancel()
  }
}

const whoseSetting = ({ namedBy }: Pick<AddressCheck, 'namedBy'>): string =>
  namedBy === 'bootstrap' ? 'Check host and port of -b, or of bootstrap.servers' : `Check advertised.listeners of broker ${namedBy.broker}`

function reasonOf({ code, message }: NetworkError): string {
  return code === 'ECONNREFUSED' ? 'connection refused' : code === 'ETIMEDOUT' ? 'no answer' : message
}

function connectCause({ code }: NetworkError, fix: string): { cause: string; next: string } {
  if (code === 'ECONNREFUSED')
    return { cause: 'The machine is there, and nothing listens at this port.', next: `Is the broker running? ${fix}, and listeners there.` }
  if (code === 'ETIMEDOUT')
    return { cause: 'A firewall, a security group or a wrong address: nobody answers at all.', next: `${fix}, and what lies between.` }
  if (code === 'ENOTFOUND') return { cause: 'The name does not resolve.', next: `${fix}, or have DNS know it.` }
  return { cause: 'The network refuses the way there.', next: `${fix}.` }
}

const loginErrors: readonly number[] = [Errors.SASL_AUTHENTICATION_FAILED, Errors.UNSUPPORTED_SASL_MECHANISM, Errors.ILLEGAL_SASL_STATE]

/** What went wrong after the connection was there. */
async function spokenFault(host: Host, check: AddressCheck, error: KafkaError): Promise<Finding> {
  const of = textOf(check.address)
  const hint = (error as { hint?: string }).hint ?? ''
  const tls = causeOf(error, TlsError)
  if (tls !== undefined && tls.fault !== 'not-tls' && tls.fault !== 'closed')
    return ill('tls', of, tls.message, { cause: tlsCauses[tls.fault] ?? 'The TLS handshake failed.', next: hint })
  if (loginErrors.includes(error.code))
    return ill('login', of, error.message, { cause: 'The listener does not take this login.', next: hint })
  if (error.code === Errors.INVALID_CONFIG)
    return ill('login', of, error.message, { cause: 'The settings of this client make no sense.', next: hint || 'See -X and -F.' })
  if (error.code === Errors.UNSUPPORTED_VERSION && error.message.startsWith('Metadata is needed'))
    return ill('kafka', of, error.message, {
      cause: 'It speaks Kafka, and knows no topics: the listener is that of a controller, or the broker is too old for this client.',
      next: `Name a listener of a broker. The quorum can be asked there: tkafka cluster quorum status --bootstrap-controller ${of}`,
    })
  const peer = await probePeer(host, check.address, Math.min(check.timeoutMs, 2000))
  const wantsTls = check.securityProtocol.endsWith('SSL')
  return ill(wantsTls && peer !== 'tls' ? 'tls' : 'kafka', of, error.message, peerCause(peer, check, hint))
}

const tlsCauses: Readonly<Record<string, string>> = {
  untrusted: 'Nobody whom this client trusts vouches for the certificate.',
  'host-name': 'The certificate is for other names than the one that was connected to.',
  expired: 'The certificate is too old by the clock of this machine.',
  'not-yet-valid': 'The certificate is not valid yet by the clock of this machine.',
  identity: 'The listener wants to know who the client is (ssl.client.auth).',
  'no-agreement': 'Client and broker share no version of TLS or cipher suite.',
  settings: 'The ssl. settings of this client cannot be used.',
}

function peerCause(peer: Peer, { securityProtocol }: AddressCheck, hint: string): { cause: string; next: string } {
  const wantsTls = securityProtocol.endsWith('SSL')
  const withLogin = securityProtocol.startsWith('SASL')
  switch (peer) {
    case 'tls':
      return wantsTls
        ? { cause: 'It speaks TLS, and something else went wrong.', next: hint || 'See the log of the broker.' }
        : {
            cause: 'The listener has TLS, and this client speaks without.',
            next: `Set security.protocol=${withLogin ? 'SASL_SSL' : 'SSL'} with -X or in the file of -F.`,
          }
    case 'kafka':
      if (wantsTls)
        return {
          cause: 'The listener speaks Kafka without TLS, and this client wants TLS.',
          next: `Set security.protocol=${withLogin ? 'SASL_PLAINTEXT' : 'PLAINTEXT'}, or name a listener with TLS.`,
        }
      return withLogin
        ? { cause: 'It speaks Kafka, and something else went wrong.', next: hint || 'See the log of the broker.' }
        : {
            cause: 'It speaks Kafka, and hangs up on the first question: the listener wants a login.',
            next: 'Set security.protocol=SASL_PLAINTEXT, sasl.mechanism and sasl.jaas.config.',
          }
    case 'http':
      return { cause: 'A web server listens there, not a broker.', next: 'Check host and port: Kafka usually listens at 9092.' }
    case 'other':
      return { cause: 'Something listens there that is no broker.', next: 'Check host and port: Kafka usually listens at 9092.' }
    case 'silent':
      return {
        cause: 'Something takes connections there and says nothing: no broker, or one that is stuck.',
        next: 'See the log of the broker, and what lies between.',
      }
    case 'closed':
      return {
        cause:
          'Whoever listens there hangs up: a load balancer without a broker behind it, a broker that allows no more connections, or no broker.',
        next: 'See the log of the broker, and max.connections there.',
      }
  }
}

/** The first of a kind among what led to an error. */
function causeOf<E>(error: unknown, kind: abstract new (...args: never[]) => E): E | undefined {
  let current = error
  for (let depth = 0; depth < 10 && current instanceof Error; depth++) {
    if (current instanceof kind) return current
    current = current.cause
  }
  return undefined
}
