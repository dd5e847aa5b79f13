import type { Address, Connection, Host, Listener } from '../host/index.ts'

/** A page of the status endpoint. */
export interface StatusPage {
  readonly status: number
  readonly type: string
  /** A long one comes in chunks. */
  readonly body: string | readonly Uint8Array[]
}
export type StatusPages = Readonly<Record<string, () => StatusPage | Promise<StatusPage>>>

const REQUEST_BYTES_MAX = 8192
const REQUEST_TIMEOUT_MS = 10_000
const CONNECTIONS_MAX = 64
const REASONS: Record<number, string> = {
  200: 'OK',
  400: 'Bad Request',
  404: 'Not Found',
  405: 'Method Not Allowed',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
}

const text = (status: number, body: string): StatusPage => ({ status, type: 'text/plain; charset=utf-8', body: `${body}\n` })

const render = ({ status, type, body }: StatusPage, withBody: boolean): Uint8Array[] => {
  const chunks = typeof body === 'string' ? [Buffer.from(body)] : body
  const head = [
    `HTTP/1.1 ${status} ${REASONS[status] ?? 'Status'}`,
    `Content-Type: ${type}`,
    `Content-Length: ${chunks.reduce((bytes, chunk) => bytes + chunk.byteLength, 0)}`,
    'Cache-Control: no-store',
    'Connection: close',
  ]
  return [Buffer.from(`${head.join('\r\n')}\r\n\r\n`), ...(withBody ? chunks : [])]
}

/**
 * /metrics, /health, /ready: as much of HTTP/1.1 as a scraper needs, over the host's network so that it works in a simulated world too.
 * One request a connection; a request that is too long or too slow ends it.
 */
export class StatusEndpoint {
  private readonly host: Host
  private readonly pages: StatusPages
  private readonly listener: Listener
  private readonly open: Set<Connection>

  private constructor(host: Host, pages: StatusPages, listener: Listener, open: Set<Connection>) {
    this.host = host
    this.pages = pages
    this.listener = listener
    this.open = open
  }

  static async open(host: Host, address: Address, pages: StatusPages): Promise<StatusEndpoint> {
    const open = new Set<Connection>()
    let endpoint: StatusEndpoint | undefined
    const listener = await host.network.listen({ ...address }, (connection) => {
      if (endpoint === undefined || open.size >= CONNECTIONS_MAX) connection.destroy()
      else endpoint.accept(connection)
    })
    endpoint = new StatusEndpoint(host, pages, listener, open)
    return endpoint
  }

  get address(): Address {
    return this.listener.address
  }

  private accept(connection: Connection): void {
    this.open.add(connection)
    let received = ''
    let answered = false
    const timer = this.host.clock.after(REQUEST_TIMEOUT_MS, () => connection.destroy())
    connection.onClose(() => {
      timer.cancel()
      this.open.delete(connection)
    })
    connection.onData((chunk) => {
      if (answered) return
      received += Buffer.from(chunk).toString('latin1')
      const tooLong = received.length > REQUEST_BYTES_MAX
      // Who speaks something else, as a Kafka client that has the wrong port, waits for an answer too.
      const isHttp = /^[A-Za-z\r\n]/.test(received)
      if (!tooLong && isHttp && !received.includes('\r\n\r\n')) return
      answered = true
      void this.answer(tooLong ? undefined : received).then((chunks) => {
        connection.writev(chunks)
        connection.end()
      })
    })
  }

  private async answer(request: string | undefined): Promise<Uint8Array[]> {
    if (request === undefined) return render(text(431, 'request too long'), true)
    const match = /^(\S+) (\S+) HTTP\/1\.[01]\r\n/.exec(request)
    if (match === null) return render(text(400, 'this port speaks HTTP: /metrics, /health, /ready, /status'), true)
    const [, method, target] = match
    if (method !== 'GET' && method !== 'HEAD') return render(text(405, 'only GET and HEAD'), true)
    const path = target!.split('?')[0]!
    const page = Object.hasOwn(this.pages, path) ? this.pages[path] : undefined
    try {
      return render(page === undefined ? text(404, Object.keys(this.pages).join('\n')) : await page(), method === 'GET')
    } catch (error) {
      this.host.journal.error('a status page failed', { error, path })
      return render(text(500, 'the log has the reason'), true)
    }
  }

  async close(): Promise<void> {
    for (const connection of this.open) connection.destroy()
    await this.listener.close()
  }
}
