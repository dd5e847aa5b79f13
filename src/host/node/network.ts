import dns from 'node:dns/promises'
import net from 'node:net'
import {
  type Address,
  type Connection,
  type ConnectOptions,
  type Listener,
  type ListenOptions,
  type Network,
  NetworkError,
} from '../network.ts'
import { NodeConnection } from './connection.ts'
import { networkError } from './network-errors.ts'
import { adopted, connecting, streamOptions } from './read-socket.ts'

export const nodeNetwork: Network = { listen, connect, lookup }

function listen(options: ListenOptions, onConnection: (connection: Connection) => void): Promise<Listener> {
  return new Promise((resolve, reject) => {
    const server = net.createServer({ ...streamOptions, pauseOnConnect: true })
    server.on('connection', (socket) => onConnection(new NodeConnection(adopted(socket))))
    const refused = (error: Error): void => reject(networkError(error))
    server.once('error', refused)
    server.listen({ host: options.host === '' ? undefined : options.host, port: options.port, backlog: options.backlog ?? 1024 }, () => {
      server.off('error', refused)
      // Out of descriptors while accepting: the system keeps the peer waiting, there is nothing to answer.
      server.on('error', () => {})
      resolve(new NodeListener(server))
    })
  })
}

class NodeListener implements Listener {
  readonly address: Address
  #server: net.Server
  #closed: Promise<void> | undefined

  constructor(server: net.Server) {
    const bound = server.address() as net.AddressInfo
    this.#server = server
    this.address = { host: bound.address, port: bound.port }
  }

  close(): Promise<void> {
    // The callback of `close` waits for the last connection; the port is free at once.
    this.#closed ??= new Promise((resolve) => {
      this.#server.close()
      setImmediate(resolve)
    })
    return this.#closed
  }
}

function connect(options: ConnectOptions): Promise<Connection> {
  const { host, port, timeoutMs, signal } = options
  const to = `${host}:${port}`
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(new NetworkError('ECANCELED', `connect ${to}: given up`))
      return
    }
    const { socket, reading } = connecting(host, port)
    const finish = (): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', cancel)
      socket.off('error', failed)
    }
    const fail = (error: NetworkError): void => {
      finish()
      socket.on('error', () => {})
      socket.destroy()
      reject(error)
    }
    const failed = (error: Error): void => fail(networkError(error))
    const cancel = (): void => fail(new NetworkError('ECANCELED', `connect ${to}: given up`))
    const timer =
      timeoutMs === undefined
        ? undefined
        : setTimeout(
            () => fail(new NetworkError('ETIMEDOUT', `connect ${to}: no answer within ${timeoutMs} ms`)),
            Math.min(timeoutMs, 2 ** 31 - 1),
          )
    signal?.addEventListener('abort', cancel, { once: true })
    socket.once('error', failed)
    socket.once('connect', () => {
      finish()
      resolve(new NodeConnection({ socket, reading }))
    })
  })
}

/** As connecting does it: by DNS, and what else the machine knows names by. */
async function lookup(name: string): Promise<readonly string[]> {
  const found = await dns.lookup(name, { all: true }).catch(() => [])
  return found.map(({ address }) => address)
}
