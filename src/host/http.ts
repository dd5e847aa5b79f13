import type { TlsClientOptions } from './tls.ts'

export interface HttpRequest {
  readonly method: 'GET' | 'POST'
  /** http or https. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly connectTimeoutMs: number
  /** How long nothing may come before it is given up. */
  readonly readTimeoutMs: number
  /** Of an answer that is taken. */
  readonly bytesMax: number
  /** Of https; without them the authorities that the machine trusts. */
  readonly tls?: TlsClientOptions
}

export interface HttpAnswer {
  readonly status: number
  readonly body: string
}

/** Questions to web servers, one at a time; redirections are not followed. @throws NetworkError */
export type Http = (request: HttpRequest) => Promise<HttpAnswer>
