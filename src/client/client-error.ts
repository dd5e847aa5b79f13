import { type NetworkError, TlsError, type TlsFault } from '../host/index.ts'
import { Errors, errorName, KafkaError } from '../protocol/index.ts'

/** A failure as the client sees it: Kafka's code, what failed on which broker, and what to do next. */
export class ClientError extends KafkaError {
  override name = 'ClientError'
  /** The next thing to look at, a sentence; empty when the message says it all. */
  readonly hint: string
  /** `host:port` of the broker concerned. */
  readonly broker: string | undefined
  #retriable: boolean | undefined

  /** `retriable` overrules what the code says. */
  constructor(code: number, message: string, options: { hint?: string; broker?: string; cause?: unknown; retriable?: boolean } = {}) {
    super(code, message, options.cause === undefined ? undefined : { cause: options.cause })
    this.hint = options.hint ?? ''
    this.broker = options.broker
    this.#retriable = options.retriable
  }

  override get retriable(): boolean {
    return this.#retriable ?? super.retriable
  }
}

/** What went wrong with one item of a request that carried many. */
export interface ItemError {
  readonly code: number
  readonly name: string
  readonly message: string
  readonly retriable: boolean
}

/** The answer for one item: a value or an error, never both. */
export type ItemResult<I, V = null> =
  | { readonly item: I; readonly error: null; readonly value: V }
  | { readonly item: I; readonly error: ItemError; readonly value: null }

export function itemError(code: number, message?: string | null): ItemError {
  const name = errorName(code)
  return {
    code,
    name,
    message: message === null || message === undefined || message === '' ? name : message,
    retriable: isRetriableCode(code),
  }
}

export function itemResult<I, V>(item: I, code: number, message: string | null | undefined, value: V): ItemResult<I, V> {
  return code === Errors.NONE ? { item, error: null, value } : { item, error: itemError(code, message), value: null }
}

export function itemFailure<I>(item: I, error: unknown): ItemResult<I, never> {
  return { item, error: errorOf(error), value: null }
}

export function errorOf(error: unknown): ItemError {
  if (error instanceof KafkaError) return itemError(error.code, error.message)
  return itemError(Errors.UNKNOWN_SERVER_ERROR, error instanceof Error ? error.message : String(error))
}

const isRetriableCode = (code: number): boolean => new KafkaError(code).retriable

/** Worth another attempt at the same request, possibly on another broker. */
export function isRetriableError(error: unknown): boolean {
  return error instanceof KafkaError && error.retriable
}

export function throwIfError(code: number, message: string | null | undefined, what: string): void {
  if (code !== Errors.NONE)
    throw new ClientError(code, `${what}: ${message === null || message === undefined || message === '' ? errorName(code) : message}`)
}

const connectHints: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'Nothing listens there: is the broker running, and is this the port of its listener?',
  ENOTFOUND: 'The name does not resolve: check bootstrap.servers, and advertised.listeners of the brokers.',
  ETIMEDOUT: 'No answer: check the address, firewalls, and advertised.listeners of the brokers.',
  ECONNRESET: 'The peer closed at once: check that the port speaks Kafka and that security.protocol matches the listener.',
}

/** What to do about TLS that came to nothing. */
const tlsHints: Readonly<Record<TlsFault, string>> = {
  'not-tls': 'Perhaps the listener has no TLS: set security.protocol to PLAINTEXT or SASL_PLAINTEXT, or name a listener with TLS.',
  closed:
    'Perhaps the listener has no TLS: then set security.protocol to PLAINTEXT or SASL_PLAINTEXT. Or the broker did not like what it was shown: its log says why.',
  untrusted: 'Put the certificate of the authority that signed it into what ssl.truststore.location names; is it the right cluster?',
  'host-name':
    'Name the broker as its certificate does, or have the certificate name the listener too. ssl.endpoint.identification.algorithm= (empty) gives the check up, and with it the protection.',
  expired: 'The brokers need a new certificate; or is the clock of this machine wrong?',
  'not-yet-valid': 'Is the clock of this machine right?',
  identity: 'The broker asks who you are: set ssl.keystore.location to a key whose certificate it trusts (ssl.truststore of the brokers).',
  'no-agreement': 'Compare ssl.enabled.protocols and ssl.cipher.suites with those of the broker.',
  settings: 'Check the ssl. settings of this client.',
  other: 'Is it a listener with TLS? See the log of the broker too.',
}

/** Not worth another attempt: certificates do not mend themselves. */
export function tlsFailure(broker: string, cause: TlsError): ClientError {
  return new ClientError(Errors.NETWORK_EXCEPTION, `no TLS with ${broker}: ${cause.message}`, {
    ...{ hint: tlsHints[cause.fault], broker, cause },
    retriable: false,
  })
}

export function connectError(broker: string, cause: unknown): Error {
  if (cause instanceof KafkaError) return cause
  if (cause instanceof TlsError) return tlsFailure(broker, cause)
  const code = (cause as Partial<NetworkError>)?.code ?? 'EIO'
  const reason = code === 'ECONNREFUSED' ? 'connection refused' : cause instanceof Error ? cause.message : String(cause)
  return new ClientError(Errors.NETWORK_EXCEPTION, `cannot connect to ${broker}: ${reason}`, {
    hint: connectHints[code] ?? '',
    broker,
    cause,
  })
}

/** Something took the connection, and was not heard to be a broker. */
export function notKafka(broker: string, what: string, cause?: unknown): ClientError {
  const isTls = what.includes('TLS')
  return new ClientError(Errors.NETWORK_EXCEPTION, `something listens at ${broker} but does not speak Kafka: ${what}`, {
    hint: isTls
      ? 'The listener has TLS: set security.protocol to SSL or SASL_SSL.'
      : 'Perhaps it is no Kafka listener, or one with TLS (then set security.protocol to SSL or SASL_SSL), or a broker that is stuck: compare host and port with listeners of the broker.',
    broker,
    cause,
  })
}

export function closedError(broker: string, cause?: unknown): ClientError {
  const reason = cause instanceof Error ? cause.cause : undefined
  if (reason instanceof TlsError) return tlsFailure(broker, reason)
  return new ClientError(Errors.NETWORK_EXCEPTION, `${broker} closed the connection`, {
    hint: 'If it happens on the first request, check that security.protocol matches the listener: it may want TLS, or a login.',
    broker,
    cause,
  })
}
