import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Broker, embeddedProperties, startNode } from '../../src/broker/index.ts'
import { type Journal, silentJournal } from '../../src/host/index.ts'
import { nodeHost } from '../../src/host/node/index.ts'

export interface RunningBroker extends AsyncDisposable {
  readonly broker: Broker
  /** host:port for clients. */
  readonly bootstrap: string
  readonly port: number
  readonly directory: string
  /** Stops cleanly and starts again on the same directory and port. */
  restart(options?: { readonly meanwhile?: () => Promise<void> }): Promise<void>
  /** Drops what is not on disk, as far as one process can, and starts again. */
  crash(): Promise<void>
}

/** A broker of this process on free ports and a directory of its own, gone when the test ends. */
export const runBroker = async (
  given: Record<string, string> | ((directory: string) => Record<string, string>) = {},
  { journal = silentJournal, version }: { journal?: Journal; version?: string } = {},
): Promise<RunningBroker> => {
  const directory = await mkdtemp(join(tmpdir(), 'tkafka-broker-'))
  const settings = typeof given === 'function' ? given(directory) : given
  const host = nodeHost({ journal })
  let port = 0
  const start = async (): Promise<Broker> => {
    const properties = new Map([...embeddedProperties(join(directory, 'data')), ...Object.entries(settings)])
    properties.set('listeners', `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:0`)
    const broker = (await startNode({ host, properties, hostName: 'localhost', formatWhenNew: true, ...(version && { version }) })).broker!
    port = broker.address('PLAINTEXT')!.port
    return broker
  }
  let broker = await start()
  return {
    get broker() {
      return broker
    },
    get bootstrap() {
      return `127.0.0.1:${port}`
    },
    get port() {
      return port
    },
    directory,
    async restart({ meanwhile } = {}) {
      await broker.close()
      await meanwhile?.()
      broker = await start()
    },
    async crash() {
      await broker.kill()
      broker = await start()
    },
    async [Symbol.asyncDispose]() {
      await broker.close()
      await rm(directory, { recursive: true, force: true })
    },
  }
}
