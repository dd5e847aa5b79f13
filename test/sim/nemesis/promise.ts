import type { Cluster } from '../cluster.ts'
import type { Watch } from '../watch.ts'

/**
 * What faults may take without breaking more than was promised. Apache Kafka answers from the page cache: a broker that loses power loses
 * records, and what was acknowledged outlives that as long as another replica that was in sync goes on (KIP-966). So one broker at a time
 * forgets, when all others are in sync; and until it is back in sync one other at most is down. Processes that die without forgetting
 * are free in number while no broker has forgotten. A broker that nobody reaches counts as down: the controller takes it out of the ISR, and
 * whoever is left there had better not be the one that forgot, and one that died.
 */
export class Promised {
  readonly #cluster: Cluster
  readonly #watch: Watch
  readonly #isTroubled: (id: number) => boolean
  readonly #isCut: () => boolean
  /** The broker that forgot, until it is in sync again. */
  #lost: number | undefined

  /** `isCut`: some link is down, or some node stands still. */
  constructor(cluster: Cluster, watch: Watch, isTroubled: (id: number) => boolean, isCut: () => boolean) {
    this.#cluster = cluster
    this.#watch = watch
    this.#isTroubled = isTroubled
    this.#isCut = isCut
  }

  /** Its disk may forget what was not synced. */
  mayForget(id: number): boolean {
    if (!this.#cluster.shape.brokers.includes(id)) return true
    return !this.#isCut() && this.#isWhole(undefined)
  }

  /** Links may go down, or nodes stand still. */
  mayCut(): boolean {
    this.#isBack()
    return this.#lost === undefined || this.#isWhole(this.#lost)
  }

  forgot(id: number): void {
    if (this.#cluster.shape.brokers.includes(id)) this.#lost = id
  }

  /** Its process may end. */
  mayEnd(id: number): boolean {
    if (!this.#cluster.shape.brokers.includes(id)) return true
    this.#isBack()
    return this.#lost === undefined || this.#lost === id || (!this.#isCut() && this.#isWhole(this.#lost))
  }

  #isBack(): void {
    if (this.#lost !== undefined && this.#isWhole(undefined)) this.#lost = undefined
  }

  /** All brokers serve, as the metadata knows them, and are in sync everywhere; `but` for one. */
  #isWhole(but: number | undefined): boolean {
    const { image } = this.#watch
    for (const id of this.#cluster.shape.brokers) {
      if (id === but) continue
      const epoch = this.#watch.servingEpoch(id)
      if (epoch === undefined || epoch !== image.brokers.get(id)?.epoch || this.#isTroubled(id)) return false
    }
    for (const { partitions } of image.topicsById.values())
      for (const { isr, replicas } of partitions.values()) if (replicas.some((id) => id !== but && !isr.includes(id))) return false
    return true
  }
}
