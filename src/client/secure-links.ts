import type { Host, TlsClient } from '../host/index.ts'
import { Apis, Errors, errorName } from '../protocol/index.ts'
import { SaslAuthenticateRequest, SaslAuthenticateResponse } from '../protocol/messages/sasl-authenticate.ts'
import { SaslHandshakeRequest, SaslHandshakeResponse } from '../protocol/messages/sasl-handshake.ts'
import type { SaslDialogue, SaslLogin } from '../security/index.ts'
import { addressText } from './address.ts'
import type { Authenticate, BrokerVersions, Exchange, Node, Transport } from './broker-link.ts'
import { call } from './call.ts'
import { ClientError } from './client-error.ts'
import type { ConnectionSettings } from './config.ts'
import { invalid } from './settings.ts'

const handshakeCall = call(Apis.SaslHandshake, SaslHandshakeRequest, SaslHandshakeResponse)
const authenticateCall = call(Apis.SaslAuthenticate, SaslAuthenticateRequest, SaslAuthenticateResponse)
/** Answers of a broker to one login: no mechanism has more than three. */
const roundsMax = 10

/**
 * What `security.protocol` asks for, between a fresh connection and its first request. Key stores and passwords are read once, when they
 * are first needed. @throws KafkaError INVALID_CONFIG on a host without TLS
 */
export function secureLinks(
  host: Host,
  settings: ConnectionSettings,
): { transport: Transport | undefined; authenticate: Authenticate | undefined } {
  const protocol = settings['security.protocol']
  if (protocol.endsWith('SSL') && host.tls === undefined)
    throw invalid('security.protocol', protocol, 'PLAINTEXT or SASL_PLAINTEXT: this host has no TLS')
  return {
    transport: protocol.endsWith('SSL') ? tlsTransport(host, settings) : undefined,
    authenticate: protocol.startsWith('SASL') ? saslAuthenticate(host, settings) : undefined,
  }
}

/** The value that came first, or the failure to get one, which is not kept. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => {
    made ??= make().catch((error) => {
      made = undefined
      throw error
    })
    return made
  }
}

function tlsTransport(host: Host, settings: ConnectionSettings): Transport {
  const client = once(async (): Promise<TlsClient> => {
    const [tls, { tlsOptions }] = await Promise.all([host.tls!(), import('../security/index.ts')])
    const options = await tlsOptions(host.disk, settings, tls.cipherSuites)
    try {
      return tls.client(options)
    } catch (cause) {
      throw new ClientError(Errors.INVALID_CONFIG, (cause as Error).message, { hint: 'Check the ssl. settings of this client.', cause })
    }
  })
  return async () => {
    const tls = await client()
    return (stream, node) => tls.secure(stream, node.host, settings['socket.connection.setup.timeout.ms'])
  }
}

function saslAuthenticate(host: Host, settings: ConnectionSettings): Authenticate {
  const login = once(async (): Promise<SaslLogin> => (await import('../security/index.ts')).saslLogin(host, settings))
  return async (exchange, node, versions) => {
    const { mechanism, dialogue } = await login()
    const current = await dialogue()
    await handshake(exchange, node, versions, mechanism)
    return converse(exchange, node, versions, current)
  }
}

async function handshake(exchange: Exchange, node: Node, versions: BrokerVersions, mechanism: string): Promise<void> {
  const broker = addressText(node)
  if (!versions.apis.has(Apis.SaslHandshake.key) || !versions.apis.has(Apis.SaslAuthenticate.key)) throw noLoginThere(broker)
  const { errorCode, mechanisms } = await exchange(handshakeCall, 1, { mechanism })
  if (errorCode === Errors.NONE) return
  if (errorCode === Errors.ILLEGAL_SASL_STATE) throw noLoginThere(broker)
  const offered = mechanisms.length === 0 ? 'none' : mechanisms.join(', ')
  if (errorCode === Errors.UNSUPPORTED_SASL_MECHANISM)
    throw new ClientError(errorCode, `${broker} does not offer the SASL mechanism ${mechanism}, but ${offered}`, {
      broker,
      hint: 'Set sasl.mechanism to one that it offers, and sasl.jaas.config with it.',
    })
  throw new ClientError(errorCode, `${broker} refused SaslHandshake: ${errorName(errorCode)}`, { broker })
}

function noLoginThere(broker: string): ClientError {
  return new ClientError(Errors.ILLEGAL_SASL_STATE, `${broker} takes no login`, {
    broker,
    hint: 'The listener has no SASL: set security.protocol to PLAINTEXT or SSL, or name another listener.',
  })
}

/** Gives after how many milliseconds the broker wants to be told again (KIP-368); 0: never. */
async function converse(exchange: Exchange, node: Node, versions: BrokerVersions, dialogue: SaslDialogue): Promise<number> {
  const broker = addressText(node)
  const version = Math.min(versions.apis.get(Apis.SaslAuthenticate.key)!.highest, Apis.SaslAuthenticate.stableMax)
  let said: Uint8Array = Buffer.alloc(0)
  let sessionLifetimeMs = 0
  for (let rounds = 0; rounds < roundsMax; rounds++) {
    const authBytes = dialogue.respond(said)
    if (authBytes === undefined) return sessionLifetimeMs
    const answer = await exchange(authenticateCall, version, { authBytes: Buffer.from(authBytes) })
    if (answer.errorCode !== Errors.NONE)
      throw new ClientError(answer.errorCode, `${broker} refused the login: ${answer.errorMessage || errorName(answer.errorCode)}`, {
        broker,
        hint: 'See sasl.mechanism and sasl.jaas.config: user and password, or token.',
      })
    said = answer.authBytes
    sessionLifetimeMs = answer.sessionLifetimeMs
  }
  throw new ClientError(Errors.SASL_AUTHENTICATION_FAILED, `${broker} did not come to an end of the login`, { broker })
}
