import type { Broker } from '../../src/broker/index.ts'
import { nodeHost } from '../../src/host/node/index.ts'

export interface Page {
  readonly status: number
  readonly body: string
}

/** One GET over a plain connection. */
export const page = async (broker: Broker, path: string): Promise<Page> => {
  const connection = await nodeHost().network.connect({ ...broker.status!.address })
  const chunks: Buffer[] = []
  const closed = new Promise<void>((resolve) => {
    connection.onData((chunk) => void chunks.push(Buffer.from(chunk)))
    connection.onClose(() => resolve())
  })
  connection.write(Buffer.from(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`))
  await closed
  const text = Buffer.concat(chunks).toString()
  return { status: Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1]), body: text.slice(text.indexOf('\r\n\r\n') + 4) }
}

/** The series of /metrics, `name{labels}` → value. */
export const scrape = async (broker: Broker): Promise<Map<string, number>> => {
  const { body } = await page(broker, '/metrics')
  const series = new Map<string, number>()
  for (const line of body.split('\n')) {
    const at = line.lastIndexOf(' ')
    if (at > 0 && !line.startsWith('#')) series.set(line.slice(0, at), Number(line.slice(at + 1)))
  }
  return series
}
