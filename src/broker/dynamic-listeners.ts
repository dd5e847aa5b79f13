import type { BrokerConfig } from '../config/index.ts'
import type { Journal } from '../host/index.ts'
import type { Server } from '../net/index.ts'
import { type NodeListener, nodeListenersOf } from './node-settings.ts'

export interface ListenersBroker {
  readonly server: Pick<Server, 'listen' | 'unlisten'>
  /** Advertised where the settings name no host. */
  readonly hostName: string
  readonly journal: Journal
  /** Other listeners serve from now on. */
  changed(): void
}

/**
 * Adds and removes listeners while the broker runs, as the dynamic setting `listeners` wants them (KIP-226). A listener is known by its name:
 * one that stays keeps its address until the next start. Those of controllers stay as they are.
 */
export class DynamicListeners {
  current: readonly NodeListener[]
  readonly #broker: ListenersBroker
  #work: Promise<void> = Promise.resolve()

  constructor(listeners: readonly NodeListener[], broker: ListenersBroker) {
    this.current = listeners
    this.#broker = broker
  }

  get names(): string[] {
    return this.current.map(({ name }) => name)
  }

  /** Resolves when the listeners are as the last settings want them, as far as that can be. */
  settled(): Promise<void> {
    return this.#work
  }

  follow(config: BrokerConfig): void {
    let wanted: readonly NodeListener[]
    try {
      wanted = nodeListenersOf(config, this.#broker.hostName)
    } catch (error) {
      this.#broker.journal.error('the listeners stay as they are: the settings make no sense', { error })
      return
    }
    this.#work = this.#work.then(() => this.#bring(wanted))
  }

  async #bring(wanted: readonly NodeListener[]): Promise<void> {
    const { server, journal } = this.#broker
    const names = new Set(wanted.map(({ name }) => name))
    const removed = this.current.filter(({ name, isController }) => !isController && !names.has(name))
    const added = wanted.filter(({ name, isController }) => !isController && !this.current.some((each) => each.name === name))
    if (removed.length === 0 && added.length === 0) return
    const rest = this.current.filter((listener) => !removed.includes(listener))
    for (const { name } of removed) {
      await server.unlisten(name)
      journal.info('a listener is gone', { listener: name })
    }
    const opened: NodeListener[] = []
    for (const listener of added) {
      const { name, host, port } = listener
      try {
        await server.listen(listener)
        opened.push(listener)
        journal.info('a listener is added', { listener: name, host, port })
      } catch (error) {
        journal.error('a listener could not be opened: it is tried again at the next start', { error, listener: name, host, port })
      }
    }
    this.current = [...rest, ...opened]
    this.#broker.changed()
  }
}
