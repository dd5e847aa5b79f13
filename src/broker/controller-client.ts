import type { Asker, Controller, DeciderAnswer, DeciderName, DeciderRequest } from '../controller/index.ts'
import type { Clock, Timer } from '../host/index.ts'
import { Errors, errorName, KafkaError } from '../protocol/index.ts'

/** The active controller, wherever it is: requests that change metadata are accepted at any broker and decided there. */
export interface ControllerClient {
  /** The answer once it is committed. @throws KafkaError when the request as a whole has none */
  decide<N extends DeciderName>(name: N, request: DeciderRequest<N>, apiVersion: number): Promise<DeciderAnswer<N>>
  /** Node id of the active controller; -1: not known. */
  activeId(): number
}

const RETRY_MS = 50

/** Without an authorizer everybody may do everything. */
const anybody = (apiVersion: number): Asker => ({ apiVersion, isForwarded: true, allows: () => true })

/** The controller of this very process. While none is active (start-up, an election) requests wait for one, up to a limit. */
export class LocalController implements ControllerClient {
  private readonly controller: Controller
  private readonly leaderId: () => number | undefined
  private readonly clock: Clock
  private readonly waitMs: number
  private readonly resting = new Map<Timer, () => void>()
  private closed = false

  /** `waitMs`: request.timeout.ms of the broker. */
  constructor(controller: Controller, leaderId: () => number | undefined, clock: Clock, waitMs: number) {
    this.controller = controller
    this.leaderId = leaderId
    this.clock = clock
    this.waitMs = waitMs
  }

  activeId(): number {
    return this.leaderId() ?? -1
  }

  async decide<N extends DeciderName>(name: N, request: DeciderRequest<N>, apiVersion: number): Promise<DeciderAnswer<N>> {
    const deadlineMs = this.clock.monotonic() + this.waitMs
    for (;;) {
      const outcome = await this.controller.request(name, request, anybody(apiVersion))
      if (outcome.answer !== undefined) return outcome.answer
      if (outcome.errorCode !== Errors.NOT_CONTROLLER || this.closed || this.clock.monotonic() >= deadlineMs) {
        throw new KafkaError(outcome.errorCode, `the controller did not answer ${name}: ${errorName(outcome.errorCode)}`)
      }
      await this.rest()
    }
  }

  /** Nobody becomes active any more: those who wait for that are told so. */
  close(): void {
    this.closed = true
    for (const [timer, resolve] of this.resting) {
      timer.cancel()
      resolve()
    }
    this.resting.clear()
  }

  private rest(): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.clock.after(RETRY_MS, () => {
        this.resting.delete(timer)
        resolve()
      })
      this.resting.set(timer, resolve)
    })
  }
}
