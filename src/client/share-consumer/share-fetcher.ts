import type { Timer } from '../../host/index.ts'
import type { ClientError } from '../client-error.ts'
import type { AcknowledgementResult, Acknowledgements, SharePartition } from './acknowledgement.ts'
import { shareKey } from './acknowledgement.ts'
import type { AcquiredRecords } from './acquired-records.ts'
import type { Delivery } from './delivery.ts'
import { type AcknowledgeJob, ShareNode, type ShareNodeOptions } from './share-node.ts'

export interface ShareFetcherOptions extends Omit<ShareNodeOptions, 'arrived' | 'metrics' | 'locked'> {
  /** The partitions that this member has. */
  readonly partitions: () => readonly SharePartition[]
  /** Something came, or came to an end: look again. */
  readonly wake: () => void
}

/** How long `close` looks again whether a broker has answered. */
const settlePauseMs = 10

/**
 * Asks the leaders of this member's partitions for records when there is nothing to give out, and tells them what became of those that were.
 *
 *   poll with an empty buffer ─► `want` ─► a fetch to each leader, again when it brought nothing ─► records ─► no more until wanted again
 */
export class ShareFetcher {
  readonly metrics = { fetches: 0, acknowledges: 0, bytes: 0 }
  /** How long a record is this consumer's before others get it; undefined before the first answer. */
  acquisitionLockTimeoutMs: number | undefined
  #options: ShareFetcherOptions
  #nodeOptions: ShareNodeOptions
  #nodes = new Map<number, ShareNode>()
  #arrived: AcquiredRecords[] = []
  #isWanted = false
  #isClosing = false
  #timer: Timer | undefined
  /** With share.acquire.mode=record_limit one broker at a time is asked for records; the others take turns. */
  #asked: ShareNode | undefined
  #lastAsked = -1

  constructor(options: ShareFetcherOptions) {
    this.#options = options
    this.#nodeOptions = {
      ...options,
      metrics: this.metrics,
      locked: (timeoutMs) => void (this.acquisitionLockTimeoutMs = timeoutMs),
      arrived: (records) => {
        this.#arrived.push(records)
        this.#isWanted = false
      },
    }
  }

  /** What is there, about `countMax` records at most. With an error: what came before it, or what is rejected because of it. */
  take(countMax: number): { deliveries: Delivery[]; error: ClientError | undefined } {
    const deliveries: Delivery[] = []
    let left = countMax
    while (left > 0 && this.#arrived.length > 0) {
      const [first] = this.#arrived as [AcquiredRecords]
      // An error comes alone, so that nothing else gets lost with it.
      const { delivery, error } = first.take(left)
      if (first.isExhausted) this.#arrived.shift()
      if (!delivery.isOver) deliveries.push(delivery)
      left -= delivery.inFlightCount
      if (error !== undefined) return { deliveries, error }
    }
    return { deliveries, error: undefined }
  }

  /** Asks for records, with what is to be acknowledged. */
  want(acknowledgements: readonly Acknowledgements[]): void {
    this.#isWanted = true
    for (const each of acknowledgements) this.#node(each.nodeId).withFetch.push(each)
    this.pump()
  }

  /** Sends acknowledgements by themselves, again until the deadline when that may help. Never rejects. */
  acknowledge(acknowledgements: readonly Acknowledgements[], timeoutMs: number): Promise<AcknowledgementResult[]> {
    const deadlineMs = this.#options.cluster.host.clock.monotonic() + timeoutMs
    const results = acknowledgements.map(
      (each) =>
        new Promise<AcknowledgementResult>((done) => {
          this.#node(each.nodeId).jobs.push({ acknowledgements: each, deadlineMs, attempts: 0, done })
        }),
    )
    this.pump()
    return Promise.all(results)
  }

  /** Sends what can be sent now. */
  pump(): void {
    if (this.#isClosing || this.#options.cluster.closed) return
    const nowMs = this.#options.cluster.host.clock.monotonic()
    const targets = this.#targets()
    let waitMs = Number.POSITIVE_INFINITY
    for (const id of this.#inTurn(targets)) {
      const node = this.#node(id)
      if (node.isBusy) {
        waitMs = Math.min(waitMs, this.#expire(node, nowMs))
        continue
      }
      if (node.retryAtMs > nowMs) waitMs = Math.min(waitMs, node.retryAtMs - nowMs, this.#expire(node, nowMs))
      else if (node.jobs.length > 0) this.#run(node.acknowledge())
      else if (this.#isWanted || node.withFetch.length > 0) this.#fetch(node, targets.get(id) ?? new Map())
    }
    this.#timer?.cancel()
    if (waitMs < Number.POSITIVE_INFINITY) this.#timer = this.#options.cluster.host.clock.after(Math.max(1, waitMs), () => this.pump())
  }

  /** Ends the sessions, with the last acknowledgements; what was not acknowledged is free for others. */
  async close(last: readonly Acknowledgements[], timeoutMs: number): Promise<void> {
    const { clock } = this.#options.cluster.host
    const deadlineMs = clock.monotonic() + timeoutMs
    for (const each of last) this.#node(each.nodeId)
    this.#isClosing = true
    this.#timer?.cancel()
    await Promise.all(
      [...this.#nodes.values()].map(async (node) => {
        const pause = (): Promise<void> => new Promise((resolve) => void clock.after(settlePauseMs, resolve))
        while (node.isBusy && clock.monotonic() < deadlineMs) await pause()
        if (!node.isBusy && node.jobs.length > 0) await node.acknowledge()
        for (const job of node.jobs.splice(0)) node.expire(job)
        const own = last.filter(({ nodeId }) => nodeId === node.id)
        await node.close(own, Math.max(1, deadlineMs - clock.monotonic()))
      }),
    )
  }

  #node(id: number): ShareNode {
    let node = this.#nodes.get(id)
    if (node === undefined) this.#nodes.set(id, (node = new ShareNode(id, this.#nodeOptions)))
    return node
  }

  /** What is to be fetched, by leader. */
  #targets(): Map<number, Map<string, SharePartition>> {
    const { cluster, partitions } = this.#options
    const targets = new Map<number, Map<string, SharePartition>>()
    for (const each of partitions()) {
      const leader = cluster.view.topics.get(each.topic)?.partitions[each.partition]?.leader ?? -1
      if (leader < 0) {
        cluster.requestRefresh()
        continue
      }
      let list = targets.get(leader)
      if (list === undefined) targets.set(leader, (list = new Map()))
      list.set(shareKey(each), each)
    }
    return targets
  }

  /** All brokers there is something to say to, beginning behind the one that was asked last. */
  #inTurn(targets: ReadonlyMap<number, unknown>): number[] {
    const ids = [...new Set([...targets.keys(), ...this.#nodes.keys()])].sort((a, b) => a - b)
    const at = ids.findIndex((id) => id > this.#lastAsked)
    return at <= 0 ? ids : [...ids.slice(at), ...ids.slice(0, at)]
  }

  #fetch(node: ShareNode, targets: ReadonlyMap<string, SharePartition>): void {
    const hasAcknowledgements = node.withFetch.length > 0
    if (targets.size === 0 && !hasAcknowledgements) return
    const wantsRecords = this.#isWanted && targets.size > 0
    if (!wantsRecords || this.#options.settings['share.acquire.mode'] !== 'record_limit') {
      this.#run(node.fetch(targets, wantsRecords))
      return
    }
    if (this.#asked === undefined) {
      this.#asked = node
      this.#lastAsked = node.id
      this.#run(node.fetch(targets, true).finally(() => (this.#asked = undefined)))
      return
    }
    const { added, removed } = node.session.changes(targets)
    if (added.length + removed.length > 0 || hasAcknowledgements) this.#run(node.fetch(targets, false))
  }

  #run(work: Promise<void>): void {
    void work.finally(() => {
      this.pump()
      this.#options.wake()
    })
  }

  /** Gives up what waited too long for its turn; gives after how long the next one does. */
  #expire(node: ShareNode, nowMs: number): number {
    const late = node.jobs.filter(({ deadlineMs }) => deadlineMs <= nowMs)
    if (late.length > 0) node.jobs = node.jobs.filter(({ deadlineMs }) => deadlineMs > nowMs)
    for (const job of late) node.expire(job)
    return node.jobs.reduce(
      (least: number, { deadlineMs }: AcknowledgeJob) => Math.min(least, deadlineMs - nowMs),
      Number.POSITIVE_INFINITY,
    )
  }
}
