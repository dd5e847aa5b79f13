import type { SimHost } from '../../src/sim/index.ts'

export const statusPort = 9644

interface Page {
  readonly status: number
  readonly body: {
    readonly status?: string
    readonly state?: string
    readonly problems: readonly string[]
    readonly quorum: { readonly leaderId: number | null; readonly voters: readonly number[]; readonly problem: string | null }
  }
}

/** The numbers that Prometheus would read from a node, by name and labels. */
export const metricsOf = async (from: SimHost, node: string): Promise<Map<string, number>> => {
  const lines = (await get(from, node, '/metrics')).body.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]))
}

/** A status page of a node, as a browser on another host of its world gets it. */
export const pageOf = async (from: SimHost, node: string, path: string): Promise<Page> => {
  const { status, body } = await get(from, node, path)
  return { status, body: JSON.parse(body) }
}

const get = async (from: SimHost, node: string, path: string): Promise<{ status: number; body: string }> => {
  const connection = await from.network.connect({ host: node, port: statusPort })
  const text = await new Promise<string>((resolve) => {
    let received = ''
    connection.onData((chunk) => (received += Buffer.from(chunk).toString()))
    connection.onClose(() => resolve(received))
    connection.write(Buffer.from(`GET ${path} HTTP/1.1\r\n\r\n`))
  })
  const [head, body] = text.split('\r\n\r\n') as [string, string]
  return { status: Number(head.split(' ')[1]), body }
}
