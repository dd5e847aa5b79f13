import { type Listener, type Network, NetworkError, type NetworkErrorCode } from '../host/index.ts'

interface Bound {
  readonly name: string
  /** Empty: every interface. */
  readonly host: string
  readonly port: number
}

const reasons: Readonly<Partial<Record<NetworkErrorCode, string>>> = {
  EADDRINUSE: 'the port is taken',
  EACCES: 'permission denied; ports below 1024 are not for everyone',
  EADDRNOTAVAIL: 'it is no address of this machine',
  ENOTFOUND: 'no address is known under that name',
}

/** A listener cannot be opened where the settings want it. */
export class ListenerError extends Error {
  override name = 'ListenerError'
  readonly code: NetworkErrorCode
  readonly port: number
  constructor({ name, host, port }: Bound, cause: NetworkError) {
    const at = `${host === '' ? '*' : host.includes(':') ? `[${host}]` : host}:${port}`
    super(`listener ${name} cannot listen on ${at}: ${reasons[cause.code] ?? cause.message}`, { cause })
    this.code = cause.code
    this.port = port
  }
}

/** @throws ListenerError for a NetworkError of `listen` */
export const listening = async <T>(listener: Bound, listen: () => Promise<T>): Promise<T> => {
  try {
    return await listen()
  } catch (error) {
    throw error instanceof NetworkError ? new ListenerError(listener, error) : error
  }
}

/**
 * Takes all addresses and lets go of them again: a start that cannot have them fails before it has written anything. Nobody is served here,
 * since the listeners proper are opened when there is something to serve.
 */
export const tryListeners = async (network: Network, listeners: readonly Bound[]): Promise<void> => {
  const taken: Listener[] = []
  try {
    for (const listener of listeners) {
      const { host, port } = listener
      if (port !== 0) taken.push(await listening(listener, () => network.listen({ host, port }, (connection) => connection.destroy())))
    }
  } finally {
    for (const listener of taken) await listener.close()
  }
}
