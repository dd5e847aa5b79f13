import { fileURLToPath } from 'node:url'
import type { Host, TlsClientOptions } from '../host/index.ts'
import { invalidSecurity, loginFailed } from './security-error.ts'
import { type TlsSettings, tlsOptions } from './tls-options.ts'
import { fetchToken, type TokenEndpoint } from './token-endpoint.ts'
import { unsecuredToken } from './unsecured-token.ts'

/** Kafka's names. */
export interface OAuthSettings {
  readonly 'sasl.login.callback.handler.class': string | null
  readonly 'sasl.login.connect.timeout.ms': number | null
  readonly 'sasl.login.read.timeout.ms': number | null
  readonly 'sasl.login.refresh.buffer.seconds': number
  readonly 'sasl.login.refresh.window.factor': number
  readonly 'sasl.login.retry.backoff.ms': number
  readonly 'sasl.login.retry.backoff.max.ms': number
  readonly 'sasl.oauthbearer.assertion.claim.iss': string | null
  readonly 'sasl.oauthbearer.assertion.file': string | null
  readonly 'sasl.oauthbearer.client.credentials.client.id': string | null
  readonly 'sasl.oauthbearer.client.credentials.client.secret': string | null
  readonly 'sasl.oauthbearer.header.urlencode': boolean
  readonly 'sasl.oauthbearer.jwt.retriever.class': string
  readonly 'sasl.oauthbearer.scope': string | null
  readonly 'sasl.oauthbearer.token.endpoint.url': string | null
}

type Options = ReadonlyMap<string, string>

const handlers = ['OAuthBearerLoginCallbackHandler', 'OAuthBearerUnsecuredLoginCallbackHandler']
const retrievers = ['DefaultJwtRetriever', 'FileJwtRetriever', 'ClientCredentialsJwtRetriever']
/** Where Kafka leaves it to Java's defaults, which have no end. */
const defaultTimeoutMs = 10_000
const tokenBytesMax = 1024 * 1024

/** What goes to the broker beside a token: `unsecuredLoginExtension_NAME` and `extension_NAME` of the login module. */
export function bearerExtensions(options: Options): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const [key, value] of options) {
    const name = /^(?:unsecuredLoginExtension|extension)_(.+)$/.exec(key)?.[1]
    if (name !== undefined) found.set(name, value)
  }
  return found
}

/**
 * Tokens for OAUTHBEARER: one that is given (option `oauth.access.token`), from a file or an endpoint (KIP-768), or made here and signed by
 * nobody. One that has an end is used again until it comes near.
 */
export class BearerTokens {
  #host: Host
  #settings: OAuthSettings
  #options: Options
  #token: { readonly text: string; readonly untilMs: number } | undefined
  #asked: Promise<string> | undefined

  /** @throws SecurityError INVALID_CONFIG */
  constructor(host: Host, settings: OAuthSettings, options: Options) {
    this.#host = host
    this.#settings = settings
    this.#options = options
    refuseClass('sasl.login.callback.handler.class', settings['sasl.login.callback.handler.class'], handlers)
    refuseClass('sasl.oauthbearer.jwt.retriever.class', settings['sasl.oauthbearer.jwt.retriever.class'], retrievers)
    for (const key of ['sasl.oauthbearer.assertion.claim.iss', 'sasl.oauthbearer.assertion.file'] as const) {
      if (settings[key] !== null)
        throw invalidSecurity(`${key}: tokens by assertion are not offered by this client`, 'Use a client id with its secret.')
    }
  }

  /** @throws SecurityError */
  token(): Promise<string> {
    if (this.#token !== undefined && this.#host.clock.now() < this.#token.untilMs) return Promise.resolve(this.#token.text)
    this.#asked ??= this.#next().finally(() => (this.#asked = undefined))
    return this.#asked
  }

  async #next(): Promise<string> {
    const nowMs = this.#host.clock.now()
    const text = await this.#retrieve(nowMs)
    if (!/^[\x21-\x7e]+$/.test(text)) throw loginFailed('the token for OAUTHBEARER is empty, or has characters that no token has')
    const endMs = expiryOf(text)
    if (endMs !== undefined && endMs <= nowMs)
      throw loginFailed(`the token for OAUTHBEARER expired at ${new Date(endMs).toISOString()}`, 'Get a new one.')
    const { 'sasl.login.refresh.window.factor': factor, 'sasl.login.refresh.buffer.seconds': bufferSeconds } = this.#settings
    const lifeMs = (endMs ?? nowMs) - nowMs
    // Renewed at this part of its life, and sooner where little would be left of it.
    const usableMs = Math.min(lifeMs * factor, Math.max(lifeMs - bufferSeconds * 1000, lifeMs / 2))
    this.#token = { text, untilMs: nowMs + usableMs }
    return text
  }

  async #retrieve(nowMs: number): Promise<string> {
    const given = this.#options.get('oauth.access.token')
    if (given !== undefined) return given.trim()
    const url = this.#settings['sasl.oauthbearer.token.endpoint.url']
    if (url === null) return unsecuredToken(this.#options, nowMs)
    if (/^file:/i.test(url)) return (await this.#readFile(url)).trim()
    if (!/^https?:\/\/./i.test(url) || !URL.canParse(url))
      throw invalidSecurity(`sasl.oauthbearer.token.endpoint.url=${url} is not legal: expected an http, https or file URL`)
    return fetchToken(this.#host, await this.#endpoint(url))
  }

  async #readFile(url: string): Promise<string> {
    try {
      return Buffer.from(await this.#host.disk.readFile(fileURLToPath(url), tokenBytesMax)).toString()
    } catch (cause) {
      throw invalidSecurity(`sasl.oauthbearer.token.endpoint.url=${url} cannot be read: ${(cause as { code?: string }).code}`, '', cause)
    }
  }

  async #endpoint(url: string): Promise<TokenEndpoint> {
    const settings = this.#settings
    const value = (key: 'client.id' | 'client.secret', option: string): string => {
      const found = settings[`sasl.oauthbearer.client.credentials.${key}`] ?? this.#options.get(option)
      if (found === undefined)
        throw invalidSecurity(`sasl.oauthbearer.client.credentials.${key} is not set, which the token endpoint needs`)
      return found
    }
    return {
      url,
      clientId: value('client.id', 'clientId'),
      clientSecret: value('client.secret', 'clientSecret'),
      scope: settings['sasl.oauthbearer.scope'] ?? this.#options.get('scope') ?? null,
      encodesHeader: settings['sasl.oauthbearer.header.urlencode'],
      connectTimeoutMs: settings['sasl.login.connect.timeout.ms'] ?? defaultTimeoutMs,
      readTimeoutMs: settings['sasl.login.read.timeout.ms'] ?? defaultTimeoutMs,
      retryBackoffMs: settings['sasl.login.retry.backoff.ms'],
      retryBackoffMaxMs: settings['sasl.login.retry.backoff.max.ms'],
      tls: await this.#tls(),
    }
  }

  /** TLS to the endpoint is set up by `ssl.` options of the login module, as in Kafka, not by the settings of the same names. */
  async #tls(): Promise<TlsClientOptions | undefined> {
    const options = this.#options
    if (this.#host.tls === undefined || ![...options.keys()].some((key) => key.startsWith('ssl.'))) return undefined
    const list = (key: string): string[] =>
      (options.get(key) ?? '')
        .split(',')
        .map((each) => each.trim())
        .filter((each) => each !== '')
    const text = (key: string): string | null => options.get(key) ?? null
    const settings: TlsSettings = {
      'ssl.truststore.type': options.get('ssl.truststore.type') ?? 'JKS',
      'ssl.truststore.location': text('ssl.truststore.location'),
      'ssl.truststore.password': text('ssl.truststore.password'),
      'ssl.truststore.certificates': text('ssl.truststore.certificates'),
      'ssl.keystore.type': options.get('ssl.keystore.type') ?? 'JKS',
      'ssl.keystore.location': text('ssl.keystore.location'),
      'ssl.keystore.password': text('ssl.keystore.password'),
      'ssl.keystore.certificate.chain': text('ssl.keystore.certificate.chain'),
      'ssl.keystore.key': text('ssl.keystore.key'),
      'ssl.key.password': text('ssl.key.password'),
      'ssl.endpoint.identification.algorithm': options.get('ssl.endpoint.identification.algorithm') ?? 'https',
      'ssl.enabled.protocols': list('ssl.enabled.protocols'),
      'ssl.protocol': options.get('ssl.protocol') ?? 'TLSv1.3',
      'ssl.cipher.suites': list('ssl.cipher.suites'),
      'ssl.engine.factory.class': text('ssl.engine.factory.class'),
    }
    return tlsOptions(this.#host.disk, settings, (await this.#host.tls()).cipherSuites)
  }
}

function refuseClass(key: string, name: string | null, known: readonly string[]): void {
  if (name === null || known.includes(name.replace(/^.*\./s, ''))) return
  throw invalidSecurity(`${key}=${name} is a class of Java, which cannot be loaded here`, `Known are ${known.join(', ')}.`)
}

/** When a JWT ends, milliseconds; undefined for a token that does not say. */
function expiryOf(token: string): number | undefined {
  const parts = token.split('.')
  if (parts.length !== 3) return undefined
  try {
    const { exp } = JSON.parse(Buffer.from(parts[1] as string, 'base64url').toString()) as { exp?: unknown }
    return typeof exp === 'number' ? exp * 1000 : undefined
  } catch {
    return undefined
  }
}
