import { Consumer } from '../../../src/client/index.ts'
import type { SeededRandom } from '../../../src/sim/index.ts'
import type { Cluster } from '../cluster.ts'
import type { Watch } from '../watch.ts'

const longestPauseMs = 120
const timeoutMs = 6000
/** Who is answered sooner has been asked once: a second attempt waits longer than this (retry.backoff.ms, less its jitter). */
const onceMs = 50

/**
 * Commits for a group without members, higher and higher, and asks at once what is committed. What was answered is there (G3): nothing
 * lower is ever found but what came to nothing that anybody knows of, or was asked twice, and may arrive late.
 */
export class Bookmarks {
  readonly #cluster: Cluster
  readonly #watch: Watch
  readonly #random: SeededRandom
  readonly #topic: string
  readonly #group: string
  /** Commits that may still arrive. */
  readonly #late = new Set<number>()
  #committed = 0
  #stopped = false
  #running: Promise<void> | undefined

  constructor(cluster: Cluster, watch: Watch, random: SeededRandom, topic: string, group: string) {
    this.#cluster = cluster
    this.#watch = watch
    this.#random = random
    this.#topic = topic
    this.#group = group
  }

  start(): void {
    this.#running = this.#run()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#running
  }

  async #run(): Promise<void> {
    const { clients, bootstrap } = this.#cluster
    const consumer = new Consumer(clients, {
      ...bootstrap,
      'client.id': this.#group,
      'group.id': this.#group,
      'request.timeout.ms': '3000',
      'enable.auto.commit': 'false',
    })
    const place = { topic: this.#topic, partition: 0 }
    const { clock } = clients
    for (let offset = 1; !this.#stopped; offset++) {
      const beganMs = clock.monotonic()
      this.#late.add(offset)
      try {
        await consumer.commitSync([{ ...place, offset }], timeoutMs)
        if (clock.monotonic() - beganMs < onceMs) this.#late.delete(offset)
        this.#committed = offset
      } catch {
        // Nobody knows what came of it.
      }
      try {
        const [found] = await consumer.committed([place], timeoutMs)
        this.#check(Number(found?.offset ?? 0))
      } catch {
        // No coordinator answers: later.
      }
      await new Promise<void>((resolve) => void clock.after(this.#random.below(longestPauseMs), resolve))
    }
    await consumer.close().catch(() => {})
  }

  #check(found: number): void {
    if (found >= this.#committed || this.#late.has(found)) return
    this.#watch.fail('G3 committed offsets', `group ${this.#group} has committed ${this.#committed}, ${found} is there`)
  }
}
