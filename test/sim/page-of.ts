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

/** A status page of a node, as a browser on another host of its world gets it. */
export const pageOf = async (from: SimHost, node: string, path: string): Promise<Page> => {
  const connection = await from.network.connect({ host: node, port: statusPort })
  const text = await new Promise<string>((resolve) => {
    let received = ''
    connection.onData((chunk) => (received += Buffer.from(chunk).toString()))
    connection.onClose(() => resolve(received))
    connection.write(Buffer.from(`GET ${path} HTTP/1.1\r\n\r\n`))
  })
  const [head, body] = text.split('\r\n\r\n') as [string, string]
  return { status: Number(head.split(' ')[1]), body: JSON.parse(body) }
}
