import { randomUuid } from '../base/index.ts'
import type { Host, Journal, Timer } from '../host/index.ts'
import type { LevelRange } from '../metadata/index.ts'
import { complete, Errors, errorName, type Message, type MessageInput } from '../protocol/index.ts'
import { ControllerRegistrationRequest } from '../protocol/messages/controller-registration.ts'
import type { ControllerClient } from './controller-client.ts'

const VERSION = 0
const RETRY_MIN_MS = 100
const RETRY_MAX_MS = 10_000

type Listeners = NonNullable<MessageInput<typeof ControllerRegistrationRequest>['listeners']>

/**
 * Tells the active controller where this one listens and which features it can run (KIP-919): feature levels rise only as far as every
 * registered controller can follow. Once in its life, and until it is taken: the controller refuses while the metadata version is too low.
 */
export class ControllerRegistration {
  private readonly host: Host
  private readonly controller: Pick<ControllerClient, 'decide'>
  private readonly journal: Journal
  private resting: { readonly timer: Timer; end(): void } | undefined
  private closed = false

  constructor(host: Host, controller: Pick<ControllerClient, 'decide'>, journal: Journal) {
    this.host = host
    this.controller = controller
    this.journal = journal
  }

  /** Resolves when this controller is registered, or it is closed. */
  async register(nodeId: number, listeners: Listeners, supported: ReadonlyMap<string, LevelRange>): Promise<void> {
    const features = [...supported].map(([name, { min, max }]) => ({ name, minSupportedVersion: min, maxSupportedVersion: max }))
    const request = complete(ControllerRegistrationRequest, VERSION, {
      ...{ controllerId: nodeId, incarnationId: randomUuid(this.host.random), zkMigrationReady: false, listeners, features },
    })
    let lastProblem: string | undefined
    for (let delayMs = RETRY_MIN_MS; !this.closed; delayMs = Math.min(RETRY_MAX_MS, delayMs * 2)) {
      const problem = await this.problemOf(request)
      if (problem === undefined || this.closed) return
      if (problem !== lastProblem) this.journal.warn('this controller is not registered yet', { error: problem })
      lastProblem = problem
      await this.rest(delayMs)
    }
  }

  close(): void {
    this.closed = true
    this.resting?.timer.cancel()
    this.resting?.end()
  }

  /** Undefined: it is registered. */
  private async problemOf(request: Message<typeof ControllerRegistrationRequest>): Promise<string | undefined> {
    try {
      const { errorCode = Errors.NONE } = await this.controller.decide('ControllerRegistration', request, VERSION)
      return errorCode === Errors.NONE ? undefined : errorName(errorCode)
    } catch (error) {
      return (error as Error).message
    }
  }

  private rest(delayMs: number): Promise<void> {
    return new Promise((end) => {
      this.resting = { timer: this.host.clock.after(delayMs, end), end }
    })
  }
}
