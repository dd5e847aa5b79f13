import type { Host, HttpAnswer, TlsClientOptions } from '../host/index.ts'
import { invalidSecurity, loginFailed } from './security-error.ts'

export interface TokenEndpoint {
  readonly url: string
  readonly clientId: string
  readonly clientSecret: string
  readonly scope: string | null
  /** Whether id and secret are URL-encoded before they become a header (RFC 6749, 2.3.1). */
  readonly encodesHeader: boolean
  readonly connectTimeoutMs: number
  readonly readTimeoutMs: number
  readonly retryBackoffMs: number
  /** How long is tried at most, and waited between two attempts. */
  readonly retryBackoffMaxMs: number
  readonly tls: TlsClientOptions | undefined
}

const answerBytesMax = 1024 * 1024
/** Statuses that will be no other next time. */
const isFinal = (status: number): boolean =>
  (status >= 400 && status < 500 && ![408, 425, 429].includes(status)) || [501, 505].includes(status)

/** A token by the grant of client credentials (RFC 6749, 4.4). Failures that may pass are tried again. @throws SecurityError */
export async function fetchToken({ http, clock }: Host, endpoint: TokenEndpoint): Promise<string> {
  if (http === undefined) throw invalidSecurity('sasl.oauthbearer.token.endpoint.url: this host asks no web servers')
  const { url, clientId, clientSecret, scope, encodesHeader } = endpoint
  const said = encodesHeader ? [clientId, clientSecret].map(encodeURIComponent) : [clientId, clientSecret]
  const form = new URLSearchParams({ grant_type: 'client_credentials', ...(scope === null ? {} : { scope }) })
  const request = {
    ...{ method: 'POST' as const, url, body: form.toString(), bytesMax: answerBytesMax },
    ...{ connectTimeoutMs: endpoint.connectTimeoutMs, readTimeoutMs: endpoint.readTimeoutMs },
    headers: {
      accept: 'application/json',
      'cache-control': 'no-cache',
      'content-type': 'application/x-www-form-urlencoded',
      authorization: `Basic ${Buffer.from(said.join(':')).toString('base64')}`,
    },
    ...(endpoint.tls === undefined ? {} : { tls: endpoint.tls }),
  }
  const endMs = clock.monotonic() + endpoint.retryBackoffMaxMs
  for (let waitMs = endpoint.retryBackoffMs; ; waitMs = Math.min(2 * waitMs, endpoint.retryBackoffMaxMs)) {
    let failure: string
    try {
      const answer = await http(request)
      if (answer.status === 200 || answer.status === 201) return tokenIn(answer, url)
      failure = `it answered ${answer.status}${whyIn(answer)}`
      if (isFinal(answer.status)) throw loginFailed(`${url} gave no token: ${failure}`, 'Check the client id, its secret and the scope.')
    } catch (error) {
      if ((error as Error).name !== 'NetworkError' && (error as Error).name !== 'TlsError') throw error
      failure = (error as Error).message
    }
    if (clock.monotonic() + waitMs > endMs)
      throw loginFailed(`${url} gave no token: ${failure}`, 'Check sasl.oauthbearer.token.endpoint.url.')
    await new Promise<void>((resolve) => void clock.after(waitMs, resolve))
  }
}

function tokenIn({ body }: HttpAnswer, url: string): string {
  let fields: { access_token?: unknown; id_token?: unknown }
  try {
    fields = JSON.parse(body)
  } catch {
    throw loginFailed(`${url} gave no token: its answer is not JSON`)
  }
  const token = fields?.access_token ?? fields?.id_token
  if (typeof token !== 'string' || token.trim() === '') throw loginFailed(`${url} gave no token: its answer has no access_token`)
  return token.trim()
}

/** What an error of OAuth says of itself; never the rest, which may hold what is nobody's business. */
function whyIn({ body }: HttpAnswer): string {
  try {
    const { error, error_description: description } = JSON.parse(body) as { error?: unknown; error_description?: unknown }
    const words = [error, description].filter((each) => typeof each === 'string')
    return words.length === 0 ? '' : `: ${words.join(', ').slice(0, 500)}`
  } catch {
    return ''
  }
}
