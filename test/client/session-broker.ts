import { assert } from '../../src/base/index.ts'
import { Server, type ServerConnection } from '../../src/net/index.ts'
import {
  Apis,
  apiByKey,
  Errors,
  Reader,
  read,
  readClientId,
  readHeaderStart,
  responseFrame,
  type Schema,
} from '../../src/protocol/index.ts'
import { ApiVersionsRequest, ApiVersionsResponse } from '../../src/protocol/messages/api-versions.ts'
import { MetadataRequest, MetadataResponse } from '../../src/protocol/messages/metadata.ts'
import { SaslAuthenticateRequest, SaslAuthenticateResponse } from '../../src/protocol/messages/sasl-authenticate.ts'
import { SaslHandshakeRequest, SaslHandshakeResponse } from '../../src/protocol/messages/sasl-handshake.ts'
import { ScramServer, SecurityError, scramCredential } from '../../src/security/index.ts'
import type { SimHost } from '../../src/sim/index.ts'

export interface SessionBrokerOptions {
  readonly password: string
  readonly sessionLifetimeMs: number
  readonly delayMs: () => number
}

interface Session {
  dialogue: ScramServer | undefined
  endMs: number
  /** One request after the other, as a broker takes them from a connection. */
  last: Promise<void>
}

/** A broker that wants SCRAM, ends sessions as Kafka does (KIP-368), and remembers the topics that Metadata was asked of, in their order. */
export class SessionBroker {
  readonly asked: string[] = []
  logins = 0
  /** Connections that it cut off for what they asked, or when. */
  readonly cutOff: string[] = []
  password: string
  #host: SimHost
  #options: SessionBrokerOptions
  #sessions = new Map<ServerConnection, Session>()

  static async open(host: SimHost, options: SessionBrokerOptions): Promise<SessionBroker> {
    const broker = new SessionBroker(host, options)
    const listener = { name: 'SASL_PLAINTEXT', securityProtocol: 'SASL_PLAINTEXT', host: host.name, port: 9092 } as const
    await Server.open(host, { listeners: [listener], onFrame: (connection, frame) => broker.#accept(connection, Buffer.from(frame)) })
    return broker
  }

  private constructor(host: SimHost, options: SessionBrokerOptions) {
    this.#host = host
    this.#options = options
    this.password = options.password
  }

  get connections(): number {
    return this.#sessions.size
  }

  #accept(connection: ServerConnection, frame: Buffer): void {
    let session = this.#sessions.get(connection)
    if (session === undefined) this.#sessions.set(connection, (session = { dialogue: undefined, endMs: -1, last: Promise.resolve() }))
    const mine = session
    session.last = session.last.then(async () => {
      await new Promise<void>((resolve) => void this.#host.clock.after(this.#options.delayMs(), resolve))
      this.#answer(connection, mine, frame)
    })
  }

  #answer(connection: ServerConnection, session: Session, frame: Buffer): void {
    const reader = new Reader(frame)
    const { apiKey, apiVersion, correlationId } = readHeaderStart(reader)
    const api = apiByKey(apiKey)
    assert(api !== undefined, 'a client asks only for what it was offered')
    readClientId(reader, api, apiVersion)
    const respond = <R extends Schema>(schema: R, body: Parameters<typeof responseFrame<R>>[4]): void =>
      connection.respond(responseFrame(api, apiVersion, correlationId, schema, body))
    const nowMs = this.#host.clock.monotonic()
    const cut = (why: string): void => {
      this.cutOff.push(why)
      connection.destroy()
    }
    if (api.key === Apis.SaslHandshake.key) {
      read(SaslHandshakeRequest, apiVersion, reader)
      session.dialogue = new ScramServer({
        ...{ mechanism: 'SCRAM-SHA-256', nonce: `n${this.logins}` },
        credentialOf: () => scramCredential('SCRAM-SHA-256', this.password, Buffer.from('salt'), 4096),
      })
      return respond(SaslHandshakeResponse, { mechanisms: ['SCRAM-SHA-256'] })
    }
    if (api.key === Apis.SaslAuthenticate.key)
      return this.#authenticate(session, read(SaslAuthenticateRequest, apiVersion, reader), respond)
    if (session.dialogue !== undefined) return cut(`${api.name} in the middle of a login`)
    if (api.key === Apis.ApiVersions.key) {
      read(ApiVersionsRequest, apiVersion, reader)
      const apis = [Apis.ApiVersions, Apis.Metadata, Apis.SaslHandshake, Apis.SaslAuthenticate]
      return respond(ApiVersionsResponse, {
        apiKeys: apis.map(({ key, stableMax }) => ({ apiKey: key, minVersion: 0, maxVersion: stableMax })),
      })
    }
    if (nowMs > session.endMs) return cut(session.endMs < 0 ? 'no login' : 'the session had ended')
    for (const { name } of read(MetadataRequest, apiVersion, reader).topics ?? []) this.asked.push(String(name))
    respond(MetadataResponse, {})
  }

  #authenticate(
    session: Session,
    { authBytes }: SaslAuthenticateRequest,
    respond: (schema: typeof SaslAuthenticateResponse, body: Parameters<typeof responseFrame<typeof SaslAuthenticateResponse>>[4]) => void,
  ): void {
    const { dialogue } = session
    assert(dialogue !== undefined, 'a handshake comes first')
    try {
      const said = dialogue.respond(authBytes)!
      const isDone = dialogue.user !== undefined
      if (isDone) {
        this.logins++
        session.dialogue = undefined
        session.endMs = this.#host.clock.monotonic() + this.#options.sessionLifetimeMs
      }
      respond(SaslAuthenticateResponse, { authBytes: Buffer.from(said), sessionLifetimeMs: isDone ? this.#options.sessionLifetimeMs : 0 })
    } catch (error) {
      assert(error instanceof SecurityError, 'a dialogue fails in its own way')
      respond(SaslAuthenticateResponse, { errorCode: Errors.SASL_AUTHENTICATION_FAILED, errorMessage: error.message })
    }
  }
}
