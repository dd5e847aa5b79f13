import type { Journal } from '../host/index.ts'
import { type ErrorCode, Errors, errorName, errorText, isRetriable } from '../protocol/index.ts'
import type { RemoteReplica } from './transport.ts'

/** What an operator has to look at. */
const causes: Partial<Record<number, string>> = {
  [Errors.INCONSISTENT_CLUSTER_ID]: 'it belongs to another cluster; compare cluster.id in meta.properties of both nodes',
  [Errors.CLUSTER_AUTHORIZATION_FAILED]: 'this node is not authorized there; its principal needs ClusterAction on the cluster',
  [Errors.UNSUPPORTED_VERSION]: 'it does not support the version of the request; compare the releases of both nodes',
}

/** Those that belong to the course of things: a peer that is not ready, and answers about a voter that is what it should be. */
const isOrdinary = (code: number): boolean =>
  isRetriable(code) || code === Errors.BROKER_NOT_AVAILABLE || code === Errors.DUPLICATE_VOTER || code === Errors.VOTER_NOT_FOUND

/** Tells why a peer does not do what it was asked, once for each peer and code: the request is repeated many times a second. */
export class PeerRefusals {
  readonly #journal: Journal
  readonly #told = new Set<string>()

  constructor(journal: Journal) {
    this.#journal = journal
  }

  note({ id, endpoints }: RemoteReplica, request: string, code: number, message?: string): void {
    if (code === Errors.NONE || isOrdinary(code)) return
    const [{ host, port } = { host: '', port: 0 }] = endpoints
    const fields = { node: id, address: `${host}:${port}`, request, error: errorName(code), ...(message !== undefined && { message }) }
    const key = `${host}:${port} ${code}`
    if (this.#told.has(key)) return this.#journal.debug('a controller refused a request again', fields)
    this.#told.add(key)
    this.#journal.warn(`a controller refuses what this node asks: ${causes[code] ?? errorText(code as ErrorCode)}`, fields)
  }
}
